//! Rate limits: token buckets that start full and are full again at fixed intervals.
//!
//! What a bucket is keyed by is the caller's business. Faults that answer 429 don't come here.

use std::collections::HashMap;

use crate::{row::Millis, settings::Settings};

/// All buckets, by key.
#[derive(Debug, Default)]
pub(crate) struct Buckets(HashMap<String, Bucket>);

#[derive(Debug)]
struct Bucket {
    used: u32,
    refills_at: Millis,
}

/// What the headers of an answer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix seconds of the next refill.
    pub(crate) reset: i64,
    /// Seconds until then, when the request was refused.
    pub(crate) refused_for: Option<i64>,
}

impl Buckets {
    /// Takes one request from a bucket, or refuses it.
    pub(crate) fn take(&mut self, key: String, settings: &Settings, now: Millis) -> Allowance {
        let window = i64::from(settings.rate_window_seconds) * 1000;
        // Whole seconds, since the header can say nothing finer.
        let second = now.div_euclid(1000) * 1000;
        let bucket = self.0.entry(key).or_insert(Bucket { used: 0, refills_at: second + window });
        if now >= bucket.refills_at {
            bucket.used = 0;
            let missed = (now - bucket.refills_at) / window + 1;
            bucket.refills_at += missed * window;
        }
        let limit = settings.rate_limit;
        let refused = bucket.used >= limit;
        bucket.used += u32::from(!refused);
        let wait = (bucket.refills_at - now + 999).div_euclid(1000).max(1);
        Allowance {
            limit,
            remaining: limit.saturating_sub(bucket.used),
            reset: bucket.refills_at.div_euclid(1000),
            refused_for: refused.then_some(wait),
        }
    }
}
