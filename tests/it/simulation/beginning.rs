//! What there is before the first op: each creator's past, dense spots in it, and a first read that may
//! already meet trouble.

use simulator::Fault;

use super::{
    dice::Dice,
    draw::Past,
    op::{Op, Place, Sale, Turn},
};

impl Dice {
    pub fn past(&mut self) -> Past {
        let rows = match self.up_to(0, 9) {
            0 | 1 => 0,
            2..=5 => self.up_to(1, 60),
            6..=8 => self.up_to(61, 220),
            _ => self.up_to(300, 1100),
        };
        let days = self.pick(&[2, 30, 400]);
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

    /// The connected account's own history, of several pages and with reversals, which are listed
    /// apart. Perhaps it is interrupted.
    pub fn beginning_apart(&mut self) -> Vec<Op> {
        // Of the many, a page is less than a tenth: more would be taken for an outage.
        let count = if self.chance(40) { self.up_to(510, 600) } else { self.up_to(55, 180) };
        let apart_ms = self.pick(&[60_000, 1_800_000]);
        let ago_ms = self.up_to(0, 3 * 86_400_000);
        let sale = Sale { count, apart_ms, ago_ms, twins: 1, ..Sale::default() };
        let mut ops = vec![Op::Sells { who: 0, sale }];
        for _ in 0..self.up_to(0, 2) {
            ops.push(Op::TakesBack { who: 0, chargeback: self.chance(30) });
        }
        if self.chance(50) {
            let at = Place::Page { who: 0, page: self.up_to(2, 3) };
            ops.extend([Op::Fails { at, how: Fault::Status(500), times: 3 }, Op::Tick]);
        }
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
