//! What may come next: the kinds of ops, how likely each is, and the numbers in them.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use simulator::{CursorStyle, Fault, Order, Rows};

use super::{
    draw::Manner,
    op::{Op, Place, Point, Sale, Who},
};

/// Chance, in a world of some manner.
pub struct Dice {
    dice: StdRng,
    pub manner: Manner,
}

impl Dice {
    pub fn new(seed: u64, manner: Manner) -> Self {
        Self { dice: StdRng::seed_from_u64(seed), manner }
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.dice.random_ratio(percent, 100)
    }

    pub fn up_to<T>(&mut self, least: T, most: T) -> T
    where
        T: rand::distr::uniform::SampleUniform + PartialOrd,
    {
        self.dice.random_range(least..=most)
    }

    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.dice.random_range(0..choices.len())].clone()
    }

    pub fn generation(&mut self) -> Rows {
        match (self.manner.has_ids, self.manner.hides) {
            (true, true) => self.pick(&[Rows::G2, Rows::V1, Rows::V1]),
            (true, false) => Rows::V1,
            (false, true) => self.pick(&[Rows::G1, Rows::G1, Rows::G1b, Rows::G2, Rows::V1]),
            (false, false) => self.pick(&[Rows::G1, Rows::G1, Rows::G1b, Rows::G2]),
        }
    }

    pub fn sale(&mut self) -> Sale {
        let (count, apart_ms) = match self.up_to(0, 9) {
            0..=3 => (1, 0),
            4..=6 => (self.up_to(2, 12), self.pick(&[1, 700, 60_000])),
            9 if self.manner.has_crowds => (self.up_to(40, 110), self.pick(&[0, 0, 1, 5_000])),
            _ => (self.up_to(2, 20), 0),
        };
        let twins = match (count, self.up_to(0, 9)) {
            (1, 8) if self.manner.has_crowds => self.up_to(40, 120),
            (1..=8, 5..) | (9..=20, 7..) => self.up_to(2, 5),
            _ => 1,
        };
        // A clock that is a day off leaves less of the look back for what comes late.
        let (ago_hours_max, late_hours_max) =
            if self.manner.clock_is_right { (40_u32, 72_u32) } else { (8, 20) };
        let ago_ms = match self.up_to(0, 9) {
            0..=4 => 0,
            5..=7 => self.up_to(1, 600_000),
            _ => self.up_to(1, i64::from(ago_hours_max) * 3_600_000),
        };
        let shows_after_seconds = match self.up_to(0, 9) {
            0..=6 => 0,
            7 => self.up_to(1, 900),
            8 => self.up_to(1, 7_200),
            _ => self.up_to(3_600, (late_hours_max - ago_hours_max) * 3_600),
        };
        Sale { count, apart_ms, twins, no_fan: self.chance(25), ago_ms, shows_after_seconds }
    }

    pub fn who(&mut self) -> usize {
        self.up_to(0, 2)
    }

    fn seconds(&mut self) -> i64 {
        match self.up_to(0, 9) {
            0 | 1 => self.up_to(1, 59),
            2..=5 => self.up_to(60, 1_200),
            6 | 7 => self.up_to(1_200, 6 * 3_600),
            8 => self.up_to(6 * 3_600, 30 * 3_600),
            _ => self.up_to(86_400, 6 * 86_400),
        }
    }

    /// Adds what happens next: something in the world, or a tick, or trouble and then ticks.
    pub fn add(&mut self, ops: &mut Vec<Op>) {
        if self.manner.sends_webhooks && self.chance(25) {
            ops.push(self.delivers());
        }
        match self.up_to(0, 99) {
            0..=19 => ops.push(Op::TimePasses { seconds: self.seconds() }),
            20 | 21 if self.manner.has_crowds => ops.extend(self.late_behind_a_crowd()),
            20..=37 => ops.push(self.in_the_world()),
            38..=43 => ops.push(self.on_the_platform()),
            44 | 45 => {
                let vanishes = self.vanishes();
                ops.extend([vanishes, Op::Tick]);
            }
            46..=55 => {
                ops.extend(self.trouble_with_something_to_lose());
                ops.push(Op::Tick);
            }
            56..=69 => ops.push(Op::Tick),
            70..=73 => {
                let seconds = self.pick(&[1, 15, 45, 61, 1_000]);
                ops.extend([Op::TimePasses { seconds }, Op::TickDue]);
            }
            74..=81 => ops.push(Op::TickKilled { at: self.point() }),
            82..=91 => ops.push(self.ticks()),
            92..=94 => {
                let after_requests = self.up_to(0, 5);
                let seconds = self.pick(&[10, 61, 61, 90, 250]);
                ops.push(Op::TickOversleeps { after_requests, seconds });
            }
            _ => ops.push(self.by_people()),
        }
    }

    fn delivers(&mut self) -> Op {
        if self.chance(15) { Op::DeliversKilled { at: self.point() } } else { Op::Delivers }
    }

    fn in_the_world(&mut self) -> Op {
        let who = self.who();
        match self.up_to(0, 12) {
            6 | 7 if self.manner.hides || self.manner.has_ids => {
                Op::TakesBack { who, chargeback: self.chance(30) }
            }
            8 if self.manner.has_ids => {
                Op::AmendsAmount { who, nth: self.up_to(0, 9), cents: self.up_to(-900, 900) }
            }
            9 | 10 => Op::AmendsStatus { who, nth: self.up_to(0, 30), back: self.chance(60) },
            11 => Op::Nonsense { who, kind: self.up_to(0, 5) },
            12 => self.vanishes(),
            _ => Op::Sells { who, sale: self.sale() },
        }
    }

    /// A row that shows late, and more newer ones than a page holds, so that no free page shows it.
    fn late_behind_a_crowd(&mut self) -> [Op; 6] {
        let who = self.who();
        let shows_after_seconds = self.up_to(90, 800);
        let late = Sale { count: 1, twins: 1, shows_after_seconds, ..Sale::default() };
        let crowd = Sale { count: self.up_to(45, 70), apart_ms: 1, twins: 1, ..Sale::default() };
        [
            Op::Sells { who, sale: late },
            Op::TimePasses { seconds: 60 },
            Op::Sells { who, sale: crowd },
            Op::Tick,
            Op::TimePasses { seconds: self.up_to(800, 850) },
            Op::Tick,
        ]
    }

    /// A replica lags behind for some seconds, or an order is gone for good.
    pub fn vanishes(&mut self) -> Op {
        let (who, nth) = (self.who(), self.up_to(0, 30));
        if self.manner.hides {
            let seconds = self.pick(&[5, 600, 3_000, 3_000, 20_000, 200_000, u32::MAX]);
            Op::Vanishes { who, nth, seconds }
        } else {
            Op::AmendsStatus { who, nth, back: false }
        }
    }

    fn on_the_platform(&mut self) -> Op {
        match self.up_to(0, 9) {
            0..=3 => Op::Serves { rows: self.generation() },
            4 if self.manner.hides => Op::ServesV1Paths { there: self.chance(50) },
            5 if self.manner.hides => Op::Lists {
                order: self.pick(&[Order::Newest, Order::Oldest]),
                cursors: CursorStyle::Keyset,
            },
            6 if !self.manner.has_ids => {
                Op::LeavesOutIds { rewards: self.chance(50), reversals: self.chance(50) }
            }
            7 => Op::CursorsLive { seconds: self.pick(&[None, Some(1), Some(30), Some(600)]) },
            8 => Op::TokensLive {
                seconds: self.pick(&[60, 600, 3_600]),
                grace_seconds: self.pick(&[0, 30, 30]),
            },
            _ => Op::Limits {
                requests: self.pick(&[1, 2, 4, 10, 100_000]),
                tells: self.chance(70),
                by_creator: self.chance(60),
            },
        }
    }

    /// Mostly there are news to lose, sometimes on the page that fails behind a page that does not.
    fn trouble_with_something_to_lose(&mut self) -> Vec<Op> {
        let who = self.who();
        match self.up_to(0, 9) {
            0..=2 => vec![self.trouble(who)],
            3 | 4 if self.manner.has_crowds => {
                let (count, apart_ms) = (self.up_to(60, 110), self.pick(&[1, 5_000]));
                let crowd = Sale { count, apart_ms, twins: 1, ..Sale::default() };
                let fails = Op::Fails {
                    at: Place::Page { who, page: 2 },
                    how: self.pick(&[Fault::Status(500), Fault::EmptyObject, Fault::Hang]),
                    times: 4,
                };
                vec![Op::Sells { who, sale: crowd }, Op::TimePasses { seconds: 600 }, fails]
            }
            _ => vec![Op::Sells { who, sale: self.sale() }, self.trouble(who)],
        }
    }

    fn trouble(&mut self, who: Who) -> Op {
        let how = self.pick(&[
            Fault::Status(500),
            Fault::Status(503),
            Fault::Status(401),
            Fault::Status(403),
            Fault::Page(404),
            Fault::Html,
            Fault::TruncatedJson,
            Fault::EmptyObject,
            Fault::DropBefore,
            Fault::DropAfter,
            Fault::Hang,
            Fault::RepeatCursor,
            Fault::Throttle { retry_after: None },
            Fault::Throttle { retry_after: Some(20) },
            Fault::SlowMs(25_000),
        ]);
        let at = match self.up_to(0, 9) {
            0..=6 => Place::Page { who, page: self.pick(&[1, 1, 2, 3, 4]) },
            7 | 8 => Place::Anywhere,
            _ => Place::Tokens,
        };
        // A tick has time for a few slow answers.
        let times = if how == Fault::SlowMs(25_000) { 20 } else { self.up_to(1, 4) };
        Op::Fails { at, how, times }
    }

    fn by_people(&mut self) -> Op {
        match self.up_to(0, 10) {
            0..=2 => Op::AsksForHistory { who: self.who() },
            3 => Op::Revokes,
            4 | 5 => Op::Reconnects,
            6 => Op::Mends,
            7 => {
                let scopes = [Some("read:insights"), Some("read:agency"), None];
                let scope = self.pick(&scopes);
                Op::Withholds { scope }
            }
            10 => Op::MovesAndReturns,
            _ if self.manner.clock_is_right => Op::Reconnects,
            _ => Op::ClockIsOff {
                seconds: self.pick(&[0, 0, 300, -300, 600, -600, 7_200, -7_200, 86_400]),
            },
        }
    }

    fn point(&mut self) -> Point {
        let took_effect = self.chance(50);
        if self.chance(40) {
            Point::Request { nth: self.up_to(1, 8), took_effect }
        } else {
            Point::RoundTrip { nth: self.up_to(1, 45), took_effect }
        }
    }
}
