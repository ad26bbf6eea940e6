//! The `webhooks` object of `/sim/settings`: where webhooks go, in which form and how unreliably.
//!
//! Delays and chances hold for events made from then on; addresses and secrets for the next delivery.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::dice::Dice;

/// The longest wait that can be set: a year.
const WAIT_SECONDS_MAX: u32 = 366 * 86_400;
/// The most retries of one delivery.
const RETRIES_MAX: usize = 50;

/// How webhooks are sent. In JSON the names are in camel case; an update may be partial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookSettings {
    /// The app's own endpoint, for every event; `null` is none. `https`, or `http` on this machine.
    pub url: Option<String>,
    /// What deliveries to the app's own endpoint are signed with.
    pub secret: String,
    /// Which generation of payloads money makes.
    pub family: Family,
    /// Send `X-Fanvue-Topic` and `X-Fanvue-Event-Id`.
    pub topic_headers: bool,
    /// Leave the keys of `data` out that would be `null`.
    pub omit_nulls: bool,
    /// Refunds and disputes name their sale by `payment {id, purchaser}` instead of `payment_id`.
    pub nested_payment: bool,
    /// The least time from an event to its delivery.
    pub delay_ms_min: u32,
    /// The most time from an event to its delivery.
    pub delay_ms_max: u32,
    /// A further wait of up to so much, drawn for each delivery, so that their order changes.
    pub reorder_ms: u32,
    /// How many of a hundred events are never sent to an endpoint.
    pub loss_percent: u8,
    /// How many of a hundred events are sent to an endpoint twice.
    pub duplicate_percent: u8,
    /// How many of a hundred events come with a forged copy: other amounts, a wrong signature.
    pub bad_signature_percent: u8,
    /// How far the time in signatures is ahead.
    pub clock_skew_seconds: i32,
    /// The waits before each retry of a delivery that was not answered with 2xx.
    pub retry_seconds: Vec<u32>,
    /// So many failures in a row disable an endpoint; `null` is never.
    pub disable_after_failures: Option<u32>,
    /// What `POST /webhooks/subscriptions` does.
    pub subscriptions: Subscribing,
}

/// Which generation of payloads is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Flat, in camel case: `purchase.new`, `tip.new`, `subscription.new`.
    Legacy,
    /// In an envelope, in snake case: `creator.payment.succeeded` and the like.
    Creator,
    /// Both, as events of their own.
    Both,
}

/// What `POST /webhooks/subscriptions` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Subscribing {
    /// It subscribes.
    Works,
    /// 400 `{"error":""}`, whatever was sent.
    BadRequest,
    /// 400 `Bad Request` as plain text, whatever was sent.
    PlainBadRequest,
}

impl Default for WebhookSettings {
    fn default() -> WebhookSettings {
        WebhookSettings {
            url: None,
            secret: "sim-webhook-secret".to_owned(),
            family: Family::Creator,
            topic_headers: true,
            omit_nulls: false,
            nested_payment: false,
            delay_ms_min: 0,
            delay_ms_max: 0,
            reorder_ms: 0,
            loss_percent: 0,
            duplicate_percent: 0,
            bad_signature_percent: 0,
            clock_skew_seconds: 0,
            retry_seconds: vec![5, 30, 300, 1800],
            disable_after_failures: None,
            subscriptions: Subscribing::Works,
        }
    }
}

impl WebhookSettings {
    /// Refuses what makes no sense, by name.
    pub(crate) fn check(&self) -> Result<(), String> {
        let percents = [
            ("lossPercent", self.loss_percent),
            ("duplicatePercent", self.duplicate_percent),
            ("badSignaturePercent", self.bad_signature_percent),
        ];
        if let Some((name, _)) = percents.iter().find(|(_, percent)| *percent > 100) {
            return Err(format!("{name} is at most 100"));
        }
        if self.delay_ms_min > self.delay_ms_max {
            return Err("delayMsMin is at most delayMsMax".to_owned());
        }
        if self.secret.is_empty() {
            return Err("secret must not be empty".to_owned());
        }
        if self.clock_skew_seconds.unsigned_abs() > WAIT_SECONDS_MAX {
            return Err(format!("clockSkewSeconds is at most {WAIT_SECONDS_MAX} either way"));
        }
        if self.retry_seconds.len() > RETRIES_MAX
            || self.retry_seconds.iter().any(|wait| *wait > WAIT_SECONDS_MAX)
        {
            return Err(format!(
                "retrySeconds has at most {RETRIES_MAX} waits of at most {WAIT_SECONDS_MAX}"
            ));
        }
        if self.disable_after_failures == Some(0) {
            return Err("disableAfterFailures is at least 1".to_owned());
        }
        self.url.as_deref().map_or(Ok(()), check_url)
    }

    /// How long after an event one delivery of it goes out, in milliseconds.
    pub(super) fn wait(&self, dice: &mut Dice) -> i64 {
        let delay = dice.between(i64::from(self.delay_ms_min), i64::from(self.delay_ms_max));
        delay + dice.between(0, i64::from(self.reorder_ms))
    }
}

/// Refuses an address no webhook is sent to: the platform wants `https`, this machine may do without.
pub(crate) fn check_url(text: &str) -> Result<(), String> {
    let allowed = text.parse().is_ok_and(|url: Url| match url.scheme() {
        "https" => url.has_host(),
        _ => is_on_this_machine(&url),
    });
    if allowed { Ok(()) } else { Err("url must be https, or http on this machine".to_owned()) }
}

/// Whether this is plain HTTP over the loopback interface.
pub(crate) fn is_on_this_machine(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback
}
