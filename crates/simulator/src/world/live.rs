//! Sales of live time: each minute after the origin has its own draw, so time may pass in any steps.
//!
//! A minute is drawn once, when it begins, at the tempo then set. Nothing here shows rows: a sale
//! drawn for the end of a minute becomes visible at its own instant.

use super::{
    World,
    draw::{self, Wish},
};
use crate::{
    dice::Dice,
    row::{MINUTE, Millis},
};

impl World {
    /// Draws every minute that began up to `now` and was not drawn yet, and tells what was paid.
    pub(crate) fn catch_up(&mut self, now: Millis) {
        self.draw_until((now - self.origin).div_euclid(MINUTE) + 1);
        self.tell_paid(now);
    }

    /// Draws every minute before that one.
    pub(crate) fn draw_until(&mut self, minute: i64) {
        if self.settings.live_sales_per_hour > 0 {
            for drawn in self.next_minute..minute {
                self.draw_minute(drawn);
            }
        }
        self.next_minute = self.next_minute.max(minute);
    }

    fn draw_minute(&mut self, minute: i64) {
        let mut dice = Dice::new(self.seed, "minute", &[minute.unsigned_abs()]);
        let mean_milli = u64::from(self.settings.live_sales_per_hour) * 1000 / 60;
        let weights: u64 = self.creators.iter().map(|creator| creator.profile.weight).sum();
        for _ in 0..dice.count(mean_milli) {
            let at = self.origin + minute * MINUTE + dice.below(MINUTE.unsigned_abs()) as i64;
            let mut left = dice.below(weights);
            for creator in &mut self.creators {
                if left < creator.profile.weight {
                    let mut rows = Vec::new();
                    draw::sale_and_sequel(
                        &creator.profile,
                        &mut dice,
                        at,
                        Wish::default(),
                        &mut rows,
                    );
                    rows.into_iter().for_each(|row| creator.books.insert(row));
                    break;
                }
                left -= creator.profile.weight;
            }
        }
    }
}
