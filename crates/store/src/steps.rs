//! Steps of a stream: how far it was read, and what of that was read for a job, in the transaction
//! that stores the rows.

mod counting;

use jiff::Timestamp;
use ledger::{Cents, Cursor, Evidence, Stream};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use uuid::Uuid;

use self::counting::COUNTED;
use crate::{Error, Lease, Store, Tx};

/// How far a step brought a stream.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The reading state after the step.
    pub stream: &'a Stream,
    /// The instant of the step.
    pub now: Timestamp,
    /// Until when the lease is kept.
    pub lease_until: Timestamp,
    /// When the stream is due again.
    pub next_sync_at: Timestamp,
    /// What it took and brought.
    pub counts: Counts,
    /// Instants of the rows that came into the ledger with it.
    pub gained: &'a [Timestamp],
    /// Instants of those that left it.
    pub lost: &'a [Timestamp],
    /// What the pass over the history had seen when the stream was last written: the earliest and the
    /// latest instant.
    pub seen_before: Option<(Timestamp, Timestamp)>,
}

/// What a step took and brought, for the jobs that wait for it.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// When this reading began.
    pub since: Timestamp,
    /// Pages read.
    pub pages: i64,
    /// Requests sent.
    pub requests: i64,
    /// Rows read.
    pub rows: i64,
    /// What they came to, without reversals.
    pub gross: Cents,
    /// Rows that were not in the ledger before.
    pub added: i64,
    /// Change of gross.
    pub added_gross: Cents,
}

/// A job that a step was taken for, with what is known of its history after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobStep {
    /// The job.
    pub job: Uuid,
    /// Whether the step was the last one: all of the history was read.
    pub has_ended: bool,
    /// What is known.
    pub evidence: Evidence,
}

/// A stream's row moves on, under its lease. Without `$21` it was only set back, which is no success:
/// what failed before it still counts. Whatever a webhook asked for after the read began (its as-of time
/// is when, by the platform's clock; `$11` at the latest, by ours) is still to be read.
const HELD: &str = "creator as (
     select 1 from models where agency_id = $1 and id = $2 for no key update
 ), held as (
     update sync_state
        set stream = $4, watermark = $5, last_cursor = $6, last_sync_at = $7, lease_expires_at = $8,
            attempts = case when $21 then 0 else attempts end,
            refusals = case when $21 then 0 else refusals end,
            last_error = case when $21 then null else last_error end,
            next_sync_at = case when coalesce(woken_at < $5 and woken_at < $11, true) then $9 else least($9, woken_at) end,
            paused_until = null,
            read_at = case when $10 then $5 else read_at end,
            confirmed_at = case when $10 then $5 else confirmed_at end,
            read_from = case when $10 and coalesce(woken_at < $5 and woken_at < $11, true) then null else read_from end,
            needs_read = needs_read and not ($10 and coalesce(woken_at < $5 and woken_at < $11, true))
      where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
        and lease_token = $3 and exists (select 1 from creator)
     returning agency_id, model_id
 )";

/// One row at least, with whether the lease was held.
const TOLD: &str = "select (select count(*) from held) as held_count, counted.*
                      from (select) as one left join counted on true";

/// A step as its statement takes it.
struct Step<'a> {
    lease: &'a Lease,
    progress: Progress<'a>,
    stream: serde_json::Value,
    watermark: Option<Timestamp>,
    cursor: Option<&'a str>,
    is_done: bool,
    pass_rows: Option<i64>,
    seen: (Option<Timestamp>, Option<Timestamp>),
    seen_before: (Option<Timestamp>, Option<Timestamp>),
    has_read: bool,
}

impl<'a> Step<'a> {
    fn of(lease: &'a Lease, progress: Progress<'a>, has_read: bool) -> Result<Self, Error> {
        let inconsistent = || Error::Inconsistent { table: "sync_state", column: "stream" };
        let pass = progress.stream.history_pass();
        Ok(Self {
            lease,
            progress,
            stream: serde_json::to_value(progress.stream).map_err(|_| inconsistent())?,
            watermark: progress.stream.watermark(),
            cursor: progress.stream.cursor().map(Cursor::as_str),
            is_done: progress.stream.windows.is_empty(),
            pass_rows: pass.map(|pass| i64::try_from(pass.rows).unwrap_or(i64::MAX)),
            seen: pass.and_then(|pass| pass.seen).unzip(),
            seen_before: progress.seen_before.unzip(),
            has_read,
        })
    }

    /// `$1` to `$25` of the statements above.
    fn params(&self) -> [(&(dyn ToSql + Sync), Type); 25] {
        let Progress { now, lease_until, next_sync_at, counts, gained, lost, .. } = &self.progress;
        [
            (&self.lease.agency.0, Type::UUID),
            (&self.lease.creator.0, Type::UUID),
            (&self.lease.token, Type::UUID),
            (&self.stream, Type::JSONB),
            (&self.watermark, Type::TIMESTAMPTZ),
            (&self.cursor, Type::TEXT),
            (now, Type::TIMESTAMPTZ),
            (lease_until, Type::TIMESTAMPTZ),
            (next_sync_at, Type::TIMESTAMPTZ),
            (&self.is_done, Type::BOOL),
            (&counts.since, Type::TIMESTAMPTZ),
            (&counts.pages, Type::INT8),
            (&counts.requests, Type::INT8),
            (&counts.rows, Type::INT8),
            (&counts.gross.0, Type::INT8),
            (&counts.added, Type::INT8),
            (&counts.added_gross.0, Type::INT8),
            (&self.pass_rows, Type::INT8),
            (&self.seen.0, Type::TIMESTAMPTZ),
            (&self.seen.1, Type::TIMESTAMPTZ),
            (&self.has_read, Type::BOOL),
            (gained, Type::TIMESTAMPTZ_ARRAY),
            (lost, Type::TIMESTAMPTZ_ARRAY),
            (&self.seen_before.0, Type::TIMESTAMPTZ),
            (&self.seen_before.1, Type::TIMESTAMPTZ),
        ]
    }
}

/// What is known of the history of a job's creator, from its row.
pub(crate) fn evidence(row: &Row) -> Evidence {
    let count = |column: &str| u64::try_from(row.get::<_, i64>(column)).unwrap_or_default();
    Evidence {
        ahead: count("rows_ahead"),
        beyond: count("rows_beyond"),
        held: count("rows_held"),
        added: count("rows_added"),
        known_gross: Cents(row.get("cents_known")),
        pass: count("pass_rows"),
        read: count("rows_read"),
        read_gross: Cents(row.get("gross_read_cents")),
        ends_early: row.get("ends_early"),
        promised_gross: row.get::<_, Option<i64>>("gross_promised_cents").map(Cents),
    }
}

/// The jobs that it was a step of, unless the lease was lost.
fn told(rows: &[Row], statement: &'static str) -> Result<Vec<JobStep>, Error> {
    let held: i64 = rows.first().map_or(0, |row| row.get("held_count"));
    if held != 1 {
        return Err(Error::Lost { statement });
    }
    let step = |row: &Row| {
        let job: Option<Uuid> = row.get("job_id");
        let has_ended = row.get::<_, Option<Timestamp>>("ended_at").is_some();
        job.map(|job| JobStep { job, has_ended, evidence: evidence(row) })
    };
    Ok(rows.iter().filter_map(step).collect())
}

impl Store {
    /// Writes down that a stream was read and held nothing new. One statement, no transaction. Without
    /// `has_read` it was only set back. Returns the jobs that it was a step of.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn advance_quiet(
        &self,
        lease: &Lease,
        progress: Progress<'_>,
        has_read: bool,
    ) -> Result<Vec<JobStep>, Error> {
        let statement = "advance_quiet";
        let sql = format!(
            "-- advance_quiet
             with {HELD}, {COUNTED}, shown as (
                 update models m set last_transaction_sync = $5
                   from held
                  where m.agency_id = held.agency_id and m.id = held.model_id and $5 is not null
             )
             {TOLD}"
        );
        let step = Step::of(lease, progress, has_read)?;
        let rows = self.rows(statement, &sql, &step.params()).await?;
        told(&rows, statement)
    }

    /// Whether the stream stands as a step was to leave it, under that lease: so it does where the commit was
    /// made and its answer is lost. One that is still being made is waited for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn is_written(&self, lease: &Lease, stream: &Stream) -> Result<bool, Error> {
        let inconsistent = |_| Error::Inconsistent { table: "sync_state", column: "stream" };
        let stream = serde_json::to_value(stream).map_err(inconsistent)?;
        let rows = self
            .rows(
                "is_written",
                "-- is_written
                 select 1 from sync_state
                  where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                    and lease_token = $3 and stream = $4
                    for share",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&stream, Type::JSONB),
                ],
            )
            .await?;
        Ok(!rows.is_empty())
    }
}

impl Tx {
    /// Moves a stream on, together with the rows that the step stored. The lease was checked by
    /// [`Tx::lock_books`] and is checked again here. Returns the jobs that it was a step of.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn advance_stream(
        &self,
        lease: &Lease,
        progress: Progress<'_>,
    ) -> Result<Vec<JobStep>, Error> {
        let statement = "advance_stream";
        let sql = format!("-- advance_stream\n with {HELD}, {COUNTED} {TOLD}");
        let step = Step::of(lease, progress, true)?;
        let rows = self.rows(statement, &sql, &step.params()).await?;
        told(&rows, statement)
    }

    /// Shows more of a job as done. Never less.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn raise_progress(
        &self,
        lease: &Lease,
        job: Uuid,
        per_mille: u16,
    ) -> Result<(), Error> {
        self.change(
            "raise_progress",
            "-- raise_progress
             update sync_job_creators set per_mille = greatest(per_mille, $4)
              where agency_id = $1 and model_id = $2 and job_id = $3 and ended_at is null",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&job, Type::UUID),
                (&i32::from(per_mille), Type::INT4),
            ],
        )
        .await
        .map(|_| ())
    }
}
