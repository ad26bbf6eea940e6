//! What a diagnosis is made of: figures of one creator, all of one moment, and how its reading stands.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{DriftedSum, HandEdit, RejectedRow, RowDifference};
use crate::{Cents, OrderId};

/// An amount and how many rows it is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Gross.
    pub cents: Cents,
    /// Rows.
    pub rows: i64,
}

impl std::ops::Add for Sum {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { cents: self.cents + other.cents, rows: self.rows + other.rows }
    }
}

impl std::iter::Sum for Sum {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |a, b| a + b)
    }
}

/// Everything that is known of one creator over the days asked for.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The moment.
    pub now: Timestamp,
    /// The running total; `None` where only some days are asked for, which it knows nothing of.
    pub total: Option<Sum>,
    /// The days' sums, of the agency's days.
    pub rollup: Sum,
    /// The rows of the same days.
    pub ledger: Sum,
    /// Days of the agency whose sum is not that of their rows.
    pub drifted: Vec<DriftedDay>,
    /// Sums of the creator's days and months that are not what the days add up to.
    pub sums: Vec<DriftedSum>,
    /// Sales that webhooks told of and that have no row.
    pub told: Vec<Told>,
    /// UTC days on which the ledger or the platform has something.
    pub days: Vec<DayFacts>,
    /// Rows that were set aside.
    pub rejects: Vec<RejectedRow>,
    /// Rows of the ledger that somebody changed or took away by hand, the latest first.
    pub edits: Vec<HandEdit>,
    /// Whether more of them are held than these.
    pub has_more_rejects: bool,
    /// How reading stands.
    pub reading: Reading,
    /// Why the platform was not heard, where it was not.
    pub unheard: Option<Unheard>,
    /// Why not all rows were compared, where they were asked for and only totals were heard.
    pub unread: Option<Unheard>,
    /// What totals hold from the watermark to the end of its day, where that was asked.
    pub lately: Option<Cents>,
}

impl Facts {
    /// Where reading ended a while ago amid a day of which only the total is known, and of that something is
    /// missing: then the total does not tell whether it was sold before or after.
    #[must_use]
    pub fn ended_amid(&self) -> Option<Timestamp> {
        let watermark = self.reading.watermark.filter(|_| !self.reading.is_on_time(self.now))?;
        let is_short = |day: &&DayFacts| {
            let is_total = matches!(day.platform, PlatformDay::Total { .. });
            is_total && day.on == day_of(watermark) && day.rest() < Cents::ZERO
        };
        self.days.iter().find(is_short).map(|_| watermark)
    }
}

/// A day of the agency whose sum is not that of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftedDay {
    /// The day, in the agency's zone.
    pub on: Date,
    /// What its sum says.
    pub rollup: Sum,
    /// What its rows add up to.
    pub ledger: Sum,
}

/// A sale that a webhook told of and that has no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When it was paid, as far as the webhook tells.
    pub at: Timestamp,
    /// What for.
    pub gross: Cents,
    /// The payment's id, where it was told.
    pub order: Option<OrderId>,
    /// Whether it is shown; otherwise no row came in time.
    pub is_open: bool,
    /// Until when it is shown.
    pub expires_at: Timestamp,
}

/// One UTC day of the ledger, and what the platform says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFacts {
    /// The day.
    pub on: Date,
    /// Sales and whatever is neither of the others.
    pub sales: Sum,
    /// Referrals, commissions and giveaways.
    pub rewards: Sum,
    /// Refunds and chargebacks; negative.
    pub reversals: Sum,
    /// What the platform says.
    pub platform: PlatformDay,
}

/// What the platform says of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformDay {
    /// Nothing: it was not heard.
    Unheard,
    /// Its total, which leaves reversals out.
    Total {
        /// Gross.
        gross: Cents,
        /// The currency that it names, in upper case, where it names one.
        currency: Option<String>,
    },
    /// Its rows.
    Rows {
        /// All of them, those included that are no earning and whose amount can be read.
        sum: Sum,
        /// Those on which the ledger differs.
        differences: Vec<RowDifference>,
    },
}

/// How the reading of a creator stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The connection that reads it, if one does.
    pub connection: Option<ConnectionFacts>,
    /// Everything before this instant is in the ledger; `None` while the history is incomplete.
    pub watermark: Option<Timestamp>,
    /// When the platform last told, by rows or by totals, that nothing is new.
    pub confirmed_at: Option<Timestamp>,
    /// When a run last took it up.
    pub tried_at: Option<Timestamp>,
    /// Rows in the ledger.
    pub rows: i64,
    /// Failed attempts in a row.
    pub attempts: i64,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// What the platform refused, where it did.
    pub refusal: Option<Refusal>,
    /// The platform asked us to wait until then.
    pub paused_until: Option<Timestamp>,
    /// Until when somebody had the right to read it who never gave it back.
    pub lease_expires_at: Option<Timestamp>,
    /// Until then totals are known to hold what rows don't show yet.
    pub unexplained_until: Option<Timestamp>,
    /// When a webhook last told of money of this creator.
    pub last_told_at: Option<Timestamp>,
}

/// The connection that reads a creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// Whether it works as far as we know.
    pub is_active: bool,
    /// When its access token ends.
    pub expires_at: Timestamp,
    /// Why its tokens could not be renewed.
    pub last_error: Option<String>,
    /// Scopes that reading rows takes and that it lacks.
    pub missing_scopes: Vec<String>,
}

/// What the platform refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It forbids it.
    Forbidden,
    /// The account does not manage the creator.
    NotManaged,
}

/// Why the platform was not heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// No request is left until then.
    Throttled {
        /// Then.
        until: Timestamp,
    },
    /// The connection has ended.
    Ended {
        /// Why.
        reason: String,
    },
    /// The token could not be renewed.
    Expired {
        /// Why.
        reason: String,
    },
    /// The platform forbids it.
    Forbidden {
        /// What it said.
        reason: String,
    },
    /// The account does not manage the creator.
    NotManaged {
        /// What it said.
        reason: String,
    },
    /// The platform has no totals of this creator: only its rows can be compared.
    OnlyRows,
    /// Its totals leave the creator out, of whom the ledger has sales: that is no total of nothing.
    LeftOut,
    /// It would have taken more requests than one diagnosis may send.
    TooMany,
    /// It gave no usable answer.
    Failed {
        /// Why.
        reason: String,
    },
}

impl DayFacts {
    /// All rows of the day.
    #[must_use]
    pub fn ledger(&self) -> Sum {
        self.sales + self.rewards + self.reversals
    }

    /// What the platform says of the day in the words of the ledger: where it was not heard, the same.
    pub(super) fn truth(&self) -> Cents {
        match &self.platform {
            PlatformDay::Unheard => self.ledger().cents,
            PlatformDay::Total { gross, .. } => *gross,
            PlatformDay::Rows { sum, .. } => sum.cents,
        }
    }

    /// What the ledger has too much, beyond what totals leave out by definition.
    #[must_use]
    pub fn rest(&self) -> Cents {
        let gap = self.ledger().cents - self.truth();
        match self.platform {
            PlatformDay::Total { .. } => gap - self.reversals.cents - self.left_out_rewards(),
            _ => gap,
        }
    }

    /// Rewards that the total leaves out: all of them, or none.
    pub(super) fn left_out_rewards(&self) -> Cents {
        match &self.platform {
            PlatformDay::Total { gross, .. } if *gross == self.sales.cents => self.rewards.cents,
            _ => Cents::ZERO,
        }
    }
}

/// The UTC day of an instant.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The first instant after a UTC day.
pub(super) fn end_of(day: Date) -> Timestamp {
    let next = day.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::UTC).ok());
    next.map_or(Timestamp::MAX, |next| next.timestamp())
}

/// Whether two days are the same or neighbours: the agency's days are not UTC.
pub(super) fn are_near(one: Date, other: Date) -> bool {
    one.until(other).is_ok_and(|span| span.get_days().abs() <= 1)
}
