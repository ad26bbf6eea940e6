//! `models`: one card a creator, with its own figures and its own freshness.

use jiff::Timestamp;
use ledger::Cents;
use serde::Serialize;
use store::CreatorFreshness;
use uuid::Uuid;

use crate::analytics::{
    figure::Units,
    freshness::{Standing, State},
    period::Period,
    sums::Sums,
};

/// A creator's card.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatorCard"))]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatorShown<'a> {
    model_id: Uuid,
    pub(super) name: &'a str,
    handle: Option<&'a str>,
    fanvue_user_uuid: Option<&'a str>,
    total: Units,
    pub(super) total_cents: Cents,
    net_cents: Cents,
    transaction_count: i64,
    previous_total_cents: Option<Cents>,
    /// The part of the total that only webhooks told of.
    provisional_cents: Cents,
    /// The gross of each point of the chart.
    sparkline: Vec<Cents>,
    /// Who subscribes, by Fanvue's list; `null` until it was counted.
    subscribers: Option<i32>,
    /// As of when it is true, as with each of these counts. While a count stays the same this instant moves
    /// about once an hour, though it is read more often.
    subscribers_as_of: Option<Timestamp>,
    /// Who follows without subscribing.
    followers: Option<i32>,
    followers_as_of: Option<Timestamp>,
    /// As of when both are true.
    stats_as_of: Option<Timestamp>,
    unread_messages: Option<i32>,
    unread_messages_as_of: Option<Timestamp>,
    /// Fanvue tells posts and likes of connected accounts only.
    post_count: Option<i32>,
    post_count_as_of: Option<Timestamp>,
    like_count: Option<i32>,
    like_count_as_of: Option<Timestamp>,
    /// Everything before this instant is in the figures; `null` while the history is being read.
    as_of: Option<Timestamp>,
    /// When Fanvue last told that nothing is new: whoever shows an age counts from here.
    confirmed_at: Option<Timestamp>,
    /// The age at `generatedAt`.
    age_seconds: Option<i64>,
    state: State,
    /// Whether every figure stands in Fanvue's rows, and none is missing up to `asOf`.
    exact: bool,
    /// Why it is not live or not exact.
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    rows_so_far: i64,
    /// Rows that could not be read and are counted nowhere.
    rejects: i64,
    last_error: Option<&'a str>,
}

impl<'a> CreatorShown<'a> {
    pub(super) fn new(
        creator: &'a CreatorFreshness,
        standing: Standing,
        period: &Period,
        sums: &Sums,
    ) -> Self {
        let mut part = sums.creators.get(&creator.id).cloned().unwrap_or_default();
        part.sparkline.resize(period.buckets.len(), Cents::ZERO);
        Self {
            model_id: creator.id.0,
            name: &creator.name,
            handle: creator.handle.as_deref(),
            fanvue_user_uuid: creator.account_uuid.as_deref(),
            total: Units(part.all.now.gross),
            total_cents: part.all.now.gross,
            net_cents: part.all.now.net,
            transaction_count: part.all.now.count,
            previous_total_cents: period.comparison.map(|_| part.all.before.gross),
            provisional_cents: part.all.now.provisional_gross,
            sparkline: part.sparkline,
            subscribers: creator.subscribers_count,
            subscribers_as_of: creator.subscribers_as_of,
            followers: creator.followers_count,
            followers_as_of: creator.followers_as_of,
            stats_as_of: creator.stats_at,
            unread_messages: creator.unread.0,
            unread_messages_as_of: creator.unread.1,
            post_count: creator.posts.0,
            post_count_as_of: creator.posts.1,
            like_count: creator.likes.0,
            like_count_as_of: creator.likes.1,
            as_of: standing.as_of,
            confirmed_at: standing.confirmed_at,
            age_seconds: standing.age_seconds,
            state: standing.state,
            exact: standing.is_exact && part.all.now.provisional_count == 0,
            reason: standing.reason,
            rows_so_far: creator.row_count,
            rejects: creator.reject_count,
            last_error: creator.last_error.as_deref(),
        }
    }
}
