//! From what the books hold to what a diagnosis is made of: one creator's facts, before the platform is
//! heard.

use std::collections::BTreeMap;

use fanvue::CreatorUuid;
use futures_util::future::{try_join, try_join5};
use jiff::{Timestamp, civil::Date};
use ledger::{
    Cents, ConnectionId, CreatorId,
    diagnosis::{
        ConnectionFacts, DayFacts, DriftedSum, Facts, PlatformDay, Reading, Refusal, RejectedRow,
        Sum, Unheard,
    },
};
use serde_json::Value;
use store::{
    BooksAsked, ConnectionKind, CreatorDay, HeldBooks, HeldConnection, Moment, Patience,
    StoredReject,
};

use crate::{Ctx, reading::NOT_MANAGED, scopes};

/// What a row is refused for that lies in the future by our clock: see `ledger::RejectReason`.
const IN_THE_FUTURE: &str = "date lies in the future";

/// What reading rows takes, of an agency's account and of a creator's own.
const ROW_SCOPES: [&str; 2] = ["read:insights", "read:creator"];

/// A creator's facts as far as the books tell, and how the platform would be asked.
pub(super) struct Subject {
    pub(super) creator: CreatorId,
    pub(super) facts: Facts,
    pub(super) way: Way,
    /// The connection that reads the creator, though it may have ended.
    pub(super) connection: Option<ConnectionId>,
    /// Of which moment its books are.
    pub(super) moment: Moment,
}

/// By which connection and endpoint a creator is read.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// A creator whom an agency's account manages: totals tell of her too.
    Managed(ConnectionId, CreatorUuid),
    /// The account itself, of which there are rows only.
    Own(ConnectionId),
    /// None.
    Closed,
}

/// Reads the books of everybody asked about, all of one moment, in the time that is left.
///
/// # Errors
/// As for any statement.
pub(super) async fn gather(
    ctx: &Ctx,
    asked: &BooksAsked<'_>,
    is_whole: bool,
    left: Patience<'_>,
) -> Result<Vec<Subject>, store::Error> {
    let tx = ctx.store.begin_snapshot_within("diagnose", left).await?;
    let books = try_join5(
        tx.list_held(asked),
        tx.list_utc_days(asked),
        tx.list_drifted_days(asked),
        tx.list_told(asked),
        tx.list_set_aside(asked),
    );
    let (moment, books) = try_join(tx.read_moment(), books).await?;
    let (held, days, drifted, told, (rejects, cut)) = books;
    let edits = tx.list_hand_edits(asked).await?;
    let sums = tx.list_drifted_sums(asked, is_whole).await?;
    tx.commit().await?;
    let mut sums = by_creator(sums);
    let mut edits = by_creator(edits);
    let mut days = by_creator(days.into_iter().map(|day| (day.creator, day)));
    let mut drifted = by_creator(drifted);
    let mut told = by_creator(told);
    let mut rejects = by_creator(rejects.into_iter().map(|one| (one.creator, one)));
    let subject = |held: HeldBooks| {
        let creator = held.creator;
        let days = days.remove(&creator).unwrap_or_default();
        let facts = Facts {
            now: asked.now,
            total: is_whole.then_some(held.total),
            rollup: held.rollup,
            ledger: held.ledger,
            drifted: drifted.remove(&creator).unwrap_or_default(),
            sums: sums.remove(&creator).unwrap_or_default(),
            told: told.remove(&creator).unwrap_or_default(),
            days: days.iter().map(day).collect(),
            rejects: rejects.remove(&creator).unwrap_or_default().iter().map(set_aside).collect(),
            edits: edits.remove(&creator).unwrap_or_default(),
            has_more_rejects: cut.contains(&creator),
            reading: reading(&held, asked.now),
            unheard: unheard(&held),
            unread: None,
            lately: None,
        };
        let connection = held.connection.as_ref().map(|one| one.id);
        Subject { creator, facts, way: way(&held), connection, moment: moment.clone() }
    };
    Ok(held.into_iter().map(subject).collect())
}

/// The sums of all creators together that are not what the days add up to.
///
/// # Errors
/// As for any statement.
pub(super) async fn gather_of_all(
    ctx: &Ctx,
    asked: &BooksAsked<'_>,
    is_whole: bool,
    left: Patience<'_>,
) -> Result<Vec<DriftedSum>, store::Error> {
    let tx = ctx.store.begin_snapshot_within("diagnose", left).await?;
    let sums = tx.list_drifted_sums_of_all(asked, is_whole).await?;
    tx.commit().await?;
    Ok(sums)
}

fn by_creator<T>(found: impl IntoIterator<Item = (CreatorId, T)>) -> BTreeMap<CreatorId, Vec<T>> {
    let mut by_creator: BTreeMap<CreatorId, Vec<T>> = BTreeMap::new();
    for (creator, one) in found {
        by_creator.entry(creator).or_default().push(one);
    }
    by_creator
}

fn day(day: &CreatorDay) -> DayFacts {
    DayFacts {
        on: day.on,
        sales: day.sales,
        rewards: day.rewards,
        reversals: day.reversals,
        platform: PlatformDay::Unheard,
    }
}

/// A day on which the ledger has nothing.
pub(super) fn empty_day(on: Date, platform: PlatformDay) -> DayFacts {
    let (sales, rewards, reversals) = (Sum::default(), Sum::default(), Sum::default());
    DayFacts { on, sales, rewards, reversals, platform }
}

fn way(held: &HeldBooks) -> Way {
    let account = held.account_uuid.as_deref().and_then(CreatorUuid::new);
    match (&held.connection, account) {
        (Some(connection), Some(_)) if connection.is_active && connection.is_own_account => {
            Way::Own(connection.id)
        }
        (Some(connection), Some(account)) if connection.is_active => {
            Way::Managed(connection.id, account)
        }
        _ => Way::Closed,
    }
}

/// Why the platform can't even be asked.
fn unheard(held: &HeldBooks) -> Option<Unheard> {
    let reason = match (&held.connection, way(held)) {
        (None, _) => "no account is connected that reads this creator".to_owned(),
        (Some(connection), Way::Closed) if connection.is_active => {
            let reason = "models.fanvue_user_uuid is no uuid; correct it".to_owned();
            return Some(Unheard::Failed { reason });
        }
        (Some(connection), Way::Closed) => {
            connection.last_error.clone().unwrap_or_else(|| "the connection has ended".to_owned())
        }
        _ => return None,
    };
    Some(Unheard::Ended { reason })
}

fn reading(held: &HeldBooks, now: Timestamp) -> Reading {
    // One from before the account was connected again names nothing: nobody has been refused since.
    let refusing = held.last_error.as_deref().filter(|_| 0 < held.attempts);
    let refusal = refusing.and_then(|error| match error {
        _ if error.contains(NOT_MANAGED) => Some(Refusal::NotManaged),
        _ if error.contains("the platform forbids this") => Some(Refusal::Forbidden),
        _ => None,
    });
    Reading {
        connection: held.connection.as_ref().map(connection),
        watermark: held.as_of,
        confirmed_at: held.confirmed_at,
        tried_at: held.tried_at,
        rows: held.total.rows,
        attempts: held.attempts.into(),
        last_error: held.last_error.clone(),
        refusal,
        paused_until: held.paused_until,
        lease_expires_at: held.lease_expires_at.filter(|at| *at <= now),
        unexplained_until: held.unexplained_until,
        last_told_at: held.last_told_at,
    }
}

fn connection(held: &HeldConnection) -> ConnectionFacts {
    let is_needed = |name: &str| {
        let is_managing = held.kind == ConnectionKind::Agency && !held.is_own_account;
        ROW_SCOPES.contains(&name) && (is_managing || name != ROW_SCOPES[1])
    };
    let missing = scopes::missing(held.kind, &held.scope, held.has_refresh);
    ConnectionFacts {
        is_active: held.is_active,
        expires_at: held.expires_at,
        last_error: held.last_error.clone(),
        missing_scopes: missing
            .into_iter()
            .filter(|scope| is_needed(scope.name))
            .map(|scope| scope.name.to_owned())
            .collect(),
    }
}

fn set_aside(reject: &StoredReject) -> RejectedRow {
    rejected(&reject.raw, &reject.reason, &reject.digest)
}

/// What can be read of a row that is no earning. Its name is its id, or else this one.
pub(super) fn rejected(raw: &str, reason: &str, name: &str) -> RejectedRow {
    let row: Value = serde_json::from_str(raw).unwrap_or(Value::Null);
    let text = |field: &str| row.get(field).and_then(Value::as_str);
    let id = text("transactionOrderId").filter(|id| !id.is_empty());
    let gross = match row.get("gross") {
        Some(Value::Number(number)) => Cents::parse(&number.to_string()).ok(),
        _ => None,
    };
    RejectedRow {
        key: id.unwrap_or(name).chars().take(128).collect(),
        at: text("date").and_then(|text| text.parse().ok()),
        gross,
        reason: reason.to_owned(),
        is_future: reason == IN_THE_FUTURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_of_a_reject_is_read_and_nothing_is_guessed() {
        let raw = r#"{"date":"2026-11-21T09:00:00.000Z","gross":500,"source":"moonbeam",
                      "transactionOrderId":"to_1"}"#;
        let row = rejected(raw, "source 'moonbeam' is not known", "digest");
        assert_eq!((row.key.as_str(), row.gross), ("to_1", Some(Cents(500))));
        assert_eq!(row.at, "2026-11-21T09:00:00Z".parse().ok());
        let without_id = r#"{"transactionOrderId":""}"#;
        for raw in ["nonsense", "[]", "{\"gross\":10.5}", "{\"gross\":\"500\"}", without_id] {
            let row = rejected(raw, IN_THE_FUTURE, "digest");
            assert_eq!((row.key.as_str(), row.gross, row.at), ("digest", None, None), "{raw}");
            assert!(row.is_future);
        }
        assert_eq!(ledger::RejectReason::InTheFuture.to_string(), IN_THE_FUTURE);
    }
}
