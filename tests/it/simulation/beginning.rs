//! What there is before the first op: each creator's past, dense spots in it, and a first read that may
//! already meet trouble.

use serde_json::{Value, json};
use simulator::{Fault, Rows};

use super::{
    dice::Dice,
    draw::Past,
    op::{Op, Place, Sale, Turn},
};
use crate::world::WEBHOOK_SECRET;

impl Dice {
    pub fn past(&mut self) -> Past {
        let rows = match self.up_to(0, 9) {
            0 | 1 => 0,
            2..=5 => self.up_to(1, 60),
            6..=8 => self.up_to(61, 220),
            _ => self.up_to(300, 1100),
        };
        // Some earned long before anybody here was born.
        let days = self.pick(&[2, 30, 400, 4_000]);
        Past { rows, days, twins_percent: self.pick(&[0, 2, 30]) }
    }

    /// More past, dense and with equal rows.
    pub fn earlier_sales(&mut self) -> Vec<Op> {
        let mut ops = vec![];
        for _ in 0..self.up_to(0, 4) {
            let mut sale = self.sale();
            sale.ago_ms += self.up_to(0, 3 * 86_400_000);
            sale.shows_after_seconds = 0;
            ops.push(Op::Sells { who: self.up_to(0, 2), sale });
        }
        ops
    }

    /// Perhaps the first read already meets trouble.
    pub fn first_trouble(&mut self) -> Vec<Op> {
        match self.up_to(0, 9) {
            0 => {
                let at = Place::Page { who: self.who(), page: self.up_to(2, 3) };
                vec![Op::Fails { at, how: Fault::RepeatCursor, times: 1 }, Op::Tick]
            }
            1 => self.late_pages().into(),
            _ => vec![],
        }
    }

    /// Old rows that show on ground that was read, the later ones further back than a look reaches by
    /// itself: they are found only because those before them made it reach further.
    pub fn arrivals_ever_later(&mut self) -> Vec<Op> {
        let who = self.who();
        let mut ops = vec![Op::Tick];
        for hours in [90, 140] {
            let (ago_ms, shows_after_seconds) = (hours * 3_600_000, 3_600);
            let sale = Sale { count: 2, twins: 1, ago_ms, shows_after_seconds, ..Sale::default() };
            ops.push(Op::Sells { who, sale });
            ops.extend([Op::TimePasses { seconds: 25 * 3_600 }, Op::Tick]);
        }
        ops
    }

    /// A read that stops within its pages, and is set back by the next tick, which then fails too.
    pub fn set_back(&mut self) -> Vec<Op> {
        let who = self.who();
        let fails = |page, how, times| Op::Fails { at: Place::Page { who, page }, how, times };
        let sale = Sale { count: 95, apart_ms: 1, twins: 1, ..Sale::default() };
        vec![
            Op::Tick,
            Op::CursorsLive { seconds: Some(1) },
            Op::Sells { who, sale },
            Op::TimePasses { seconds: 600 },
            fails(2, Fault::Hang, 4),
            Op::Tick,
            fails(1, Fault::DropAfter, 3),
            Op::TimePasses { seconds: self.up_to(600, 900) },
            Op::Tick,
            Op::CursorsLive { seconds: None },
            Op::Mends,
        ]
    }

    /// The connected account's own history, with reversals, which are listed apart: a single sale that
    /// is taken back, or many, of which the first page is read by one tick and the others by the next.
    pub fn beginning_apart(&mut self) -> Vec<Op> {
        let takes_back = Op::TakesBack { who: 0, chargeback: self.chance(30) };
        let sells = |count, apart_ms, ago_ms| {
            let sale = Sale { count, apart_ms, ago_ms, twins: 1, ..Sale::default() };
            Op::Sells { who: 0, sale }
        };
        if self.chance(30) {
            return vec![sells(1, 0, 0), Op::TimePasses { seconds: 1 }, takes_back, Op::Tick];
        }
        // A page is less than a tenth of them: more would be taken for an outage.
        let count = self.up_to(510, 600);
        let apart_ms = self.pick(&[60_000, 1_800_000]);
        let at = Place::Page { who: 0, page: 2 };
        let fails = Op::Fails { at, how: Fault::Status(500), times: 3 };
        let ago_ms = self.up_to(0, 3 * 86_400_000);
        vec![sells(count, apart_ms, ago_ms), takes_back, fails, Op::Tick, Op::Tick]
    }

    /// How the platform sends webhooks.
    pub fn webhooks(&mut self) -> Value {
        if !self.manner.sends_webhooks {
            return json!({});
        }
        json!({
            "url": "http://127.0.0.1:1/api/webhooks/fanvue",
            "secret": WEBHOOK_SECRET,
            "family": self.pick(&["creator", "creator", "legacy", "both"]),
            "topicHeaders": self.chance(70),
            "omitNulls": self.chance(30),
            "nestedPayment": self.chance(30),
            "delayMsMax": self.pick(&[0, 2_000, 600_000]),
            "reorderMs": self.pick(&[0, 30_000]),
            "lossPercent": self.pick(&[0, 0, 20]),
            "duplicatePercent": self.pick(&[0, 30]),
            "badSignaturePercent": self.pick(&[0, 20]),
        })
    }

    /// A sale whose webhook comes and whose row is in no list, until nothing is shown of it any more.
    pub fn told_of_what_never_shows(&mut self) -> Vec<Op> {
        let who = self.who();
        let passes = |seconds| Op::TimePasses { seconds };
        vec![
            Op::Sells { who, sale: Sale { count: 1, twins: 1, ..Sale::default() } },
            Op::Vanishes { who, nth: 0, seconds: u32::MAX },
            passes(700),
            Op::Delivers,
            Op::Tick,
            passes(73 * 3_600),
            Op::Delivers,
            Op::Tick,
        ]
    }

    /// Rows without ids that arrive in a crowded instant while it is read.
    pub fn arrivals_in_a_crowd(&mut self) -> [Op; 3] {
        let who = self.who();
        let crowd =
            |count| Sale { count, twins: 4, no_fan: true, ago_ms: 60_000, ..Sale::default() };
        let goes = Turn::Goes { process: 0 };
        let mut turns = vec![goes.clone(); self.up_to(1, 14)];
        turns.push(Turn::Meanwhile { op: Box::new(Op::Sells { who, sale: crowd(1) }) });
        turns.extend(vec![goes; 20]);
        let rows = self.pick(&[Rows::G1, Rows::G1b]);
        [Op::Serves { rows }, Op::Sells { who, sale: crowd(30) }, Op::Ticks { turns }]
    }

    /// A row that its generation serves without an id is gone for a while and comes back with one.
    pub fn comes_back_with_an_id(&mut self) -> Vec<Op> {
        let (who, passes) = (self.who(), |hours: i64| Op::TimePasses { seconds: hours * 3_600 });
        let (apart_ms, ago_ms) = (60_000, 47 * 3_600_000);
        let sale = Sale { count: 30, apart_ms, twins: 1, ago_ms, ..Sale::default() };
        vec![
            Op::Serves { rows: self.pick(&[Rows::G1, Rows::G1b]) },
            Op::Sells { who, sale },
            Op::Tick,
            passes(64),
            Op::Vanishes { who, nth: self.up_to(0, 29), seconds: 3_000 },
            Op::Tick,
            passes(1),
            Op::Serves { rows: self.pick(&[Rows::G2, Rows::V1]) },
            Op::Tick,
        ]
    }

    /// A look back that stops within its pages, and totals that tell of nothing new.
    pub fn stops_while_totals_stand_still(&mut self) -> Vec<Op> {
        let who = self.who();
        let ago_ms = self.up_to(1, 20) * 3_600_000;
        let sale =
            Sale { count: self.up_to(60, 110), apart_ms: 1, twins: 1, ago_ms, ..Sale::default() };
        let page = Place::Page { who, page: 2 };
        vec![
            Op::Sells { who, sale },
            Op::Tick,
            Op::TimePasses { seconds: 3_600 },
            Op::Fails { at: page, how: Fault::Status(500), times: 4 },
            Op::TickDue,
            Op::TimePasses { seconds: self.up_to(60, 300) },
            Op::Tick,
            Op::Mends,
        ]
    }

    /// The platform, or a firewall before it, refuses a creator for good, or it asks for a pause that a
    /// tick falls into.
    pub fn refused(&mut self) -> Vec<Op> {
        let at = Place::Page { who: self.who(), page: 1 };
        let mut ops = vec![];
        if self.chance(50) {
            // A page of a firewall refuses nobody, however often it comes.
            let how = self.pick(&[Fault::Status(403), Fault::Status(403), Fault::Page(403)]);
            ops.push(Op::Fails { at, how, times: 40 });
            for _ in 0..self.up_to(4, 7) {
                ops.extend([Op::TimePasses { seconds: 600 }, Op::Tick]);
            }
        } else {
            let how = Fault::Throttle { retry_after: Some(90) };
            let seconds = self.up_to(15, 80);
            let fails = Op::Fails { at, how, times: 2 };
            ops.extend([fails, Op::TimePasses { seconds: 3_600 }, Op::Tick]);
            ops.extend([Op::TimePasses { seconds }, Op::Tick]);
        }
        ops.push(Op::Mends);
        ops
    }

    /// Sales that a tick's totals tell of and its read does not bring: they were made at that very moment,
    /// just after others, or the read fails until the totals are old.
    pub fn changed_totals(&mut self) -> Vec<Op> {
        let who = self.who();
        let one = Op::Sells { who, sale: Sale { count: 1, twins: 1, ..Sale::default() } };
        let passes = |seconds| Op::TimePasses { seconds };
        let mut ops = vec![Op::Tick, passes(self.up_to(100, 900)), Op::Tick];
        ops.extend([passes(self.up_to(100, 900)), one.clone()]);
        if self.chance(50) {
            ops.extend([passes(self.up_to(1, 20)), one, Op::Tick, passes(self.up_to(60, 700))]);
        } else {
            let page = Place::Page { who, page: 1 };
            let fails = Op::Fails { at: page, how: Fault::Status(500), times: 1000 };
            ops.extend([passes(1), fails, Op::Tick, passes(self.up_to(3_700, 5_000)), Op::Mends]);
        }
        ops.push(Op::Tick);
        ops
    }

    /// A tick whose cursors end while it pages.
    fn late_pages(&mut self) -> [Op; 3] {
        let late = Op::TimePasses { seconds: self.up_to(2, 40) };
        let turns = (0..self.up_to(6, 14)).map(|turn| match turn % 2 {
            0 => Turn::Goes { process: 0 },
            _ => Turn::Meanwhile { op: Box::new(late.clone()) },
        });
        let turns = turns.collect();
        let live = |seconds| Op::CursorsLive { seconds };
        [live(Some(1)), Op::Ticks { turns }, live(None)]
    }
}
