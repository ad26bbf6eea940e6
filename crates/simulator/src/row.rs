//! One earning as the fake platform stores it, and the words its fields are made of.
//!
//! Compact on purpose (64 bytes), because a world may hold a million. How a row looks on the wire
//! in each generation of the API is not decided here but in `wire.rs`.

use uuid::Uuid;

use crate::dice::Dice;

/// Milliseconds since the epoch; all instants inside the world have this form.
pub(crate) type Millis = i64;

/// One minute, hour and day in milliseconds.
pub(crate) const MINUTE: Millis = 60_000;
/// One hour in milliseconds.
pub(crate) const HOUR: Millis = 60 * MINUTE;
/// One day in milliseconds.
pub(crate) const DAY: Millis = 24 * HOUR;
/// How long a sale stays `pendingBalance`.
const PENDING: Millis = 7 * DAY;

/// Why money was paid, in the platform's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Affiliate,
    MediaLink,
    Message,
    Post,
    Referral,
    Renewal,
    Subscription,
    Tip,
    Giveaway,
    AppStore,
    CheckoutLink,
    FanExperience,
    Refund,
    Chargeback,
}

const SOURCES: [(Source, &str); 14] = [
    (Source::Affiliate, "affiliate"),
    (Source::MediaLink, "mediaLink"),
    (Source::Message, "message"),
    (Source::Post, "post"),
    (Source::Referral, "referral"),
    (Source::Renewal, "renewal"),
    (Source::Subscription, "subscription"),
    (Source::Tip, "tip"),
    (Source::Giveaway, "giveaway"),
    (Source::AppStore, "appStore"),
    (Source::CheckoutLink, "checkoutLink"),
    (Source::FanExperience, "fanExperience"),
    (Source::Refund, "refund"),
    (Source::Chargeback, "chargeback"),
];

/// Sources of negative rows, as a mask of `Source::bit`.
pub(crate) const REVERSALS: u32 = Source::Refund.bit() | Source::Chargeback.bit();
/// Every source.
pub(crate) const EVERYTHING: u32 = (1 << SOURCES.len()) - 1;
/// Sources the first generation of the API knew.
pub(crate) const FIRST_GENERATION: u32 = (1 << 9) - 1;

impl Source {
    /// This source in a mask.
    pub(crate) const fn bit(self) -> u32 {
        1 << (self as u32)
    }

    /// The platform's word.
    pub(crate) fn name(self) -> &'static str {
        SOURCES[self as usize].1
    }

    /// The source of that name.
    pub(crate) fn parse(name: &str) -> Option<Source> {
        SOURCES.iter().find(|(_, known)| *known == name).map(|(source, _)| *source)
    }

    /// Refund or chargeback.
    pub(crate) fn is_reversal(self) -> bool {
        self.bit() & REVERSALS != 0
    }

    /// Paid by the platform, not by a fan.
    pub(crate) fn is_reward(self) -> bool {
        matches!(self, Source::Referral | Source::Affiliate | Source::Giveaway)
    }
}

/// Currencies fans paid in, in the spellings the platform has been seen to use.
pub(crate) const CURRENCIES: [Option<&str>; 9] = [
    None,
    Some("USD"),
    Some("EUR"),
    Some("BRL"),
    Some("GBP"),
    Some("usd"),
    Some("eur"),
    Some("JPY"),
    Some("CAD"),
];
/// What ten US dollars are in minor units of each currency, at made-up rates that never move.
const RATES: [i64; CURRENCIES.len()] = [1000, 1000, 920, 5400, 790, 1000, 920, 1500, 1370];
/// Index of US dollars.
pub(crate) const USD: u8 = 1;

/// US cents in minor units of a currency, rounded; a row without one counts in cents.
pub(crate) fn minor_units(cents: i64, currency: u8) -> i64 {
    let rate = RATES.get(usize::from(currency)).copied().unwrap_or(1000);
    (cents * rate + 500).div_euclid(1000)
}

/// The fan of a row nobody bought.
pub(crate) const NO_FAN: u32 = u32::MAX;

/// The row is a verbatim injected value; see `Books::raws`.
pub(crate) const RAW: u8 = 1;
/// The status was set to `pendingBalance` by hand.
pub(crate) const PENDING_BY_HAND: u8 = 2;
/// The status was set to `availableForPayout` by hand.
pub(crate) const AVAILABLE_BY_HAND: u8 = 4;

/// An earning, a reward or a reversal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// When it was paid; where it sorts.
    pub(crate) at: Millis,
    /// From when on the API shows it; never before `at`.
    pub(crate) visible_at: Millis,
    /// The order id's number.
    pub(crate) id: u64,
    /// The order id this row reverses; 0 when it is no reversal.
    pub(crate) reverses: u64,
    /// US cents before the fee; negative on reversals.
    pub(crate) gross: i64,
    /// US cents after the fee; negative on reversals.
    pub(crate) net: i64,
    /// What names the message or post that was bought. Equal for exact twins.
    pub(crate) content: u64,
    /// Who paid: an index of the creator's fans, `NO_FAN`, or one made by hand.
    pub(crate) fan: u32,
    pub(crate) source: Source,
    /// Index into `CURRENCIES`.
    pub(crate) currency: u8,
    pub(crate) flags: u8,
}

impl Row {
    /// What rows are sorted by. Equal instants keep the order of their ids.
    pub(crate) fn key(&self) -> (Millis, u64) {
        (self.at, self.id)
    }

    /// The platform's status at an instant.
    pub(crate) fn status(&self, now: Millis) -> &'static str {
        let pending = match self.flags & (PENDING_BY_HAND | AVAILABLE_BY_HAND) {
            0 => now < self.at + PENDING,
            flags => flags & PENDING_BY_HAND != 0,
        };
        if pending { "pendingBalance" } else { "availableForPayout" }
    }

    /// What the fan paid in US cents, tax and fan-side fee included.
    pub(crate) fn total(&self) -> Option<i64> {
        let rate = 104 + i64::try_from(self.content % 18).unwrap_or(0);
        (self.fan != NO_FAN).then(|| self.gross * rate / 100)
    }

    /// The message bought, for rows that have one.
    pub(crate) fn message(&self) -> Option<Uuid> {
        matches!(self.source, Source::Message).then(|| content_uuid(self.content))
    }

    /// The currency as the platform spells it.
    pub(crate) fn currency(&self) -> Option<&'static str> {
        CURRENCIES.get(usize::from(self.currency)).copied().flatten()
    }

    /// The post bought, for rows that have one.
    pub(crate) fn post(&self) -> Option<Uuid> {
        matches!(self.source, Source::Post).then(|| content_uuid(self.content))
    }
}

/// The UUID of a message or post.
pub(crate) fn content_uuid(content: u64) -> Uuid {
    Dice::new(content, "content", &[]).uuid()
}

/// The order id in the platform's form.
pub(crate) fn order_id(id: u64) -> String {
    format!("to_{id:016x}")
}

/// The number in an order id.
pub(crate) fn parse_order_id(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("to_")?;
    (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok())?
}
