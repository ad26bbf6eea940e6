//! Ticks of several processes, and what happens between their requests.

use super::{
    dice::Dice,
    op::{Op, Turn},
};

impl Dice {
    /// Two or three processes in turn, and what goes on between their requests.
    pub fn ticks(&mut self) -> Op {
        let processes = self.pick(&[1, 2, 2, 3]);
        let turns = (0..self.up_to(3, 14)).map(|_| {
            let process = self.up_to(0, processes - 1);
            match self.up_to(0, 19) {
                0..=13 => Turn::Goes { process },
                14 => Turn::Dies { process },
                kind => {
                    let op = match kind {
                        15 => Op::TimePasses { seconds: self.pick(&[1, 20, 61, 300]) },
                        16 => Op::AsksForHistory { who: self.who() },
                        17 => self.switched_while_reading(),
                        _ => self.while_reading(),
                    };
                    Turn::Meanwhile { op: Box::new(op) }
                }
            }
        });
        let turns: Vec<_> = turns.collect();
        Op::Ticks { turns }
    }

    /// Rows that arrive between two pages of one pass, some of them dated inside it, or that go.
    fn while_reading(&mut self) -> Op {
        if self.manner.sends_webhooks && self.chance(30) {
            return Op::Delivers;
        }
        if self.manner.hides && self.chance(20) {
            return self.vanishes();
        }
        let mut sale = self.sale();
        sale.ago_ms = self.pick(&[0, 1, 500, 60_000, 3_600_000, 80_000_000]);
        sale.shows_after_seconds = 0;
        Op::Sells { who: self.who(), sale }
    }

    /// What the platform may change between two pages of one read.
    fn switched_while_reading(&mut self) -> Op {
        match self.up_to(0, 9) {
            0..=3 => Op::Serves { rows: self.generation() },
            4 => Op::CursorsLive { seconds: Some(1) },
            5 => Op::Withholds { scope: self.pick(&[Some("read:insights"), None]) },
            _ => Op::Limits {
                requests: self.pick(&[1, 2, 4, 10]),
                tells: true,
                by_creator: self.chance(60),
            },
        }
    }
}
