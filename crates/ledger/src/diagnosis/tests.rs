//! Each cause by its own figures, and that the parts always add up.

mod figures;
mod rows;
mod sums;

use super::*;
use crate::{Booked, Earning, Key, OrderId, Source};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Saturday, five minutes after all was read.
fn now() -> Timestamp {
    at("2026-11-21T10:00:00Z")
}

fn sum(cents: i64, rows: i64) -> Sum {
    Sum { cents: Cents(cents), rows }
}

fn connection() -> ConnectionFacts {
    ConnectionFacts {
        is_active: true,
        expires_at: at("2026-11-21T11:00:00Z"),
        last_error: None,
        missing_scopes: vec![],
    }
}

fn reading() -> Reading {
    Reading {
        connection: Some(connection()),
        watermark: Some(at("2026-11-21T09:55:00Z")),
        tried_at: Some(at("2026-11-21T09:55:00Z")),
        rows: 10,
        ..Reading::default()
    }
}

fn day(on: &str, ours: i64, platform: PlatformDay) -> DayFacts {
    DayFacts {
        on: on.parse().unwrap(),
        sales: sum(ours, 1),
        rewards: Sum::default(),
        reversals: Sum::default(),
        platform,
    }
}

fn total(cents: i64) -> PlatformDay {
    PlatformDay::Total { gross: Cents(cents), currency: None }
}

/// A creator whose sums are those of her days.
fn facts(days: Vec<DayFacts>, reading: Reading) -> Facts {
    let ledger: Sum = days.iter().map(DayFacts::ledger).sum();
    Facts {
        now: now(),
        total: Some(ledger),
        rollup: ledger,
        ledger,
        drifted: vec![],
        sums: vec![],
        told: vec![],
        days,
        rejects: vec![],
        edits: vec![],
        has_more_rejects: false,
        reading,
        unheard: None,
        unread: None,
        lately: None,
    }
}

/// The causes and their cents, as they come.
fn causes(facts: &Facts) -> Vec<(Cause, i64)> {
    let diagnosis = diagnose(facts);
    let explained: Cents = diagnosis.parts.iter().map(|part| part.cents).sum();
    assert_eq!(explained, diagnosis.difference, "{:?}", diagnosis.parts);
    diagnosis.parts.iter().map(|part| (part.cause, part.cents.0)).collect()
}

fn sale(at_text: &str, id: Option<&str>, gross: i64) -> Earning {
    Earning {
        at: at(at_text),
        source: Source::Tip,
        gross: Cents(gross),
        net: Cents(gross / 2),
        total: None,
        currency: None,
        order_id: id.and_then(OrderId::new),
        status: None,
        message_id: None,
        post_id: None,
        reverses: None,
        fan: None,
    }
}

fn booked(earning: Earning, occurrence: u32) -> Booked {
    let key = match &earning.order_id {
        Some(id) => Key::Order(id.clone()),
        None => Key::Content { content: crate::Content::of(&earning), occurrence },
    };
    Booked { key, earning, absent_since: None, is_adopted: false }
}
