//! Events of rows: each row is told at the instant it is paid, whether the feed shows it or not.
//!
//! Rows made by hand for the past are told when they are made. History from before the world was
//! first looked at, rewards and rows injected verbatim are never told.

use uuid::Uuid;

use super::{
    Delivery, Event,
    creator::{self, Told},
    legacy,
    settings::Family,
};
use crate::{
    row::{MINUTE, Millis, RAW, Row},
    world::{Creator, World},
};

impl World {
    /// Tells what was paid since the last time, up to an instant.
    pub(crate) fn tell_paid(&mut self, now: Millis) {
        let Some(seen) = self.webhooks.look(now) else { return };
        if !self.webhooks.has_endpoint(&self.settings.webhooks) {
            return;
        }
        let mut events = Vec::new();
        for creator in &self.creators {
            for row in creator.books.paid(seen, now) {
                events.extend(self.events(creator, row, row.at));
            }
        }
        // Creators were asked one after the other; what happened is told in its own order.
        events.sort_by_key(|event| event.at);
        self.send(events);
    }

    /// Tells rows that were just made by hand, unless their time is still to come.
    pub(crate) fn tell_made(&mut self, creator: Uuid, rows: &[Row], now: Millis) {
        let Some(seen) = self.webhooks.seen() else { return };
        if !self.webhooks.has_endpoint(&self.settings.webhooks) {
            return;
        }
        let Some(creator) = self.creator(creator) else { return };
        let past = rows.iter().filter(|row| row.at <= seen);
        let events = past.flat_map(|row| self.events(creator, row, now)).collect();
        self.send(events);
    }

    fn events(&self, creator: &Creator, row: &Row, at: Millis) -> Vec<Event> {
        if row.flags & RAW != 0 {
            return Vec::new();
        }
        let family = self.settings.webhooks.family;
        let fan = self.fan(creator.profile.number, row.fan);
        let told = Told { world: self, creator, row, fan: fan.as_ref(), at };
        let mut events = match family {
            Family::Legacy => Vec::new(),
            Family::Creator | Family::Both => creator::events(&told),
        };
        if family != Family::Creator {
            events.extend(legacy::event(&told));
        }
        events
    }

    fn send(&mut self, events: Vec<Event>) {
        for event in events {
            self.webhooks.add(event, &self.settings.webhooks, self.seed);
        }
    }

    /// Hands out what is due, at most so many, signed now.
    pub(crate) fn take_webhooks(&mut self, now: Millis, limit: usize) -> Vec<Delivery> {
        self.webhooks.take(now, limit, &self.settings.webhooks)
    }

    /// Takes the answer to a delivery.
    pub(crate) fn webhook_answered(&mut self, id: u64, status: Option<u16>, now: Millis) {
        self.webhooks.answered(id, status, now, &self.settings.webhooks);
    }

    /// When the next delivery may be due, or the next row to tell of is paid or drawn.
    pub(crate) fn next_webhook(&self) -> Option<Millis> {
        let due = self.webhooks.next_due();
        let seen = self.webhooks.seen();
        let Some(seen) = seen.filter(|_| self.webhooks.has_endpoint(&self.settings.webhooks))
        else {
            return due;
        };
        let paid = self.creators.iter().filter_map(|creator| creator.books.next_paid(seen)).min();
        let live = self.settings.live_sales_per_hour > 0;
        let drawn = live.then(|| self.origin + self.next_minute * MINUTE);
        [due, paid, drawn].into_iter().flatten().min()
    }
}
