//! What there is before the first op: each creator's past, dense spots in it, and a first read that may
//! already meet trouble.

use serde_json::{Value, json};
use simulator::Fault;

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

    /// More past, dense and with equal rows; perhaps the first read already meets trouble.
    pub fn beginning(&mut self) -> Vec<Op> {
        let mut ops = vec![];
        for _ in 0..self.up_to(0, 4) {
            let mut sale = self.sale();
            sale.ago_ms += self.up_to(0, 3 * 86_400_000);
            sale.shows_after_seconds = 0;
            ops.push(Op::Sells { who: self.up_to(0, 2), sale });
        }
        match self.up_to(0, 9) {
            0 => {
                let at = Place::Page { who: self.who(), page: self.up_to(2, 3) };
                ops.extend([Op::Fails { at, how: Fault::RepeatCursor, times: 1 }, Op::Tick]);
            }
            1 => ops.extend(self.late_pages()),
            _ => {}
        }
        ops
    }

    /// Rows that come later each time, found by looks back that each reach further than the last: what is
    /// later than the first look reaches is found only because the ones before it were late.
    pub fn arrivals_ever_later(&mut self) -> Vec<Op> {
        let who = self.who();
        let mut ops = vec![Op::Tick];
        for days in 3..=5 {
            let shows_after_seconds = u32::try_from((days * 24 - 2) * 3_600).unwrap();
            let sale = Sale { count: 2, twins: 1, shows_after_seconds, ..Sale::default() };
            ops.push(Op::Sells { who, sale });
            for _ in 0..days {
                ops.extend([Op::TimePasses { seconds: 86_400 }, Op::Tick]);
            }
        }
        ops
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

    /// Rows without ids that arrive in a crowded instant while it is read.
    pub fn arrivals_in_a_crowd(&mut self) -> [Op; 2] {
        let who = self.who();
        let crowd =
            |count| Sale { count, twins: 4, no_fan: true, ago_ms: 60_000, ..Sale::default() };
        let goes = Turn::Goes { process: 0 };
        let mut turns = vec![goes.clone(); self.up_to(1, 14)];
        turns.push(Turn::Meanwhile { op: Box::new(Op::Sells { who, sale: crowd(1) }) });
        turns.extend(vec![goes; 20]);
        [Op::Sells { who, sale: crowd(30) }, Op::Ticks { turns }]
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
