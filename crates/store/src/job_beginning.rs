//! Beginning a job: whose histories can be read, and asking for them; and the end of those that nobody
//! can read any more.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId, PAGE_ROWS};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Error, Reader, Store, Tx, UserId, jobs::WEIGHT_MIN};

/// So many rows may the platform have from before the ledger's first.
const BEYOND_ROWS_MAX: i64 = 2 * PAGE_ROWS.cast_signed();

/// Who takes rows from the ledger because the platform has them no more, as changes of money name them.
const READING: [&str; 4] = ["tick", "history", "proof", "adoption"];

/// A creator whose history somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// Rows of the ledger.
    pub rows: i64,
    /// Whether a connection that works reads it.
    pub is_readable: bool,
}

/// A job to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    /// Its id.
    pub id: Uuid,
    /// The agency.
    pub agency: AgencyId,
    /// The creator that was asked for; `None` for all.
    pub creator: Option<CreatorId>,
    /// The user who asked.
    pub asked_by: Option<UserId>,
    /// Whose histories are read.
    pub creators: &'a [CreatorId],
    /// What is written of those that can't be read.
    pub unreadable: &'a str,
    /// Whether the nightly proof asks, and nobody else.
    pub is_proof: bool,
    /// When it begins.
    pub now: Timestamp,
}

impl Reader {
    /// That creator, or all of the agency that some connection reads; by name, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_candidates(
        &self,
        agency: Option<AgencyId>,
        creator: Option<CreatorId>,
        limit: i64,
    ) -> Result<Vec<Candidate>, Error> {
        let rows = self
            .rows(
                "list_candidates",
                "-- list_candidates
                 select m.agency_id, m.id, m.name, m.transactions_total,
                        coalesce(c.state = 'active' and m.fanvue_user_uuid is not null, false)
                            as is_readable
                   from models m
                   left join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                  where ($1::uuid is null or m.agency_id = $1)
                    and (m.id = $2 or $2::uuid is null and c.id is not null)
                  order by m.name, m.id limit $3",
                &[
                    (&agency.map(|agency| agency.0), Type::UUID),
                    (&creator.map(|creator| creator.0), Type::UUID),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        let candidate = |row: &tokio_postgres::Row| Candidate {
            agency: AgencyId(row.get("agency_id")),
            creator: CreatorId(row.get("id")),
            name: row.get("name"),
            rows: row.get("transactions_total"),
            is_readable: row.get("is_readable"),
        };
        Ok(rows.iter().map(candidate).collect())
    }
}

impl Tx {
    /// Writes the job down and asks for the histories, as an operator does who resets
    /// `last_transaction_sync`. One that is being read already is not begun again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn begin_job(&self, job: NewJob<'_>) -> Result<(), Error> {
        self.write_job(job).await?;
        self.change(
            "ask_for_histories",
            "-- ask_for_histories
             update models m set last_transaction_sync = null, updated_at = $3
               from sync_job_creators j
              where j.agency_id = $1 and j.job_id = $2 and j.ended_at is null
                and m.agency_id = j.agency_id and m.id = j.model_id
                and not exists (
                    select 1 from sync_state s
                     where s.agency_id = m.agency_id and s.model_id = m.id
                       and s.sync_type = 'earnings' and s.watermark is null and s.parked_at is null
                       and coalesce(jsonb_array_length(s.stream -> 'windows'), 0) > 0)",
            &[(&job.agency.0, Type::UUID), (&job.id, Type::UUID), (&job.now, Type::TIMESTAMPTZ)],
        )
        .await
        .map(|_| ())
    }

    /// Writes the job down alone: for whoever opens its windows without forgetting what was read.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn write_job(&self, job: NewJob<'_>) -> Result<(), Error> {
        self.change(
            "insert_job",
            "-- insert_job
             insert into sync_jobs (agency_id, id, model_id, asked_by, begun_at, is_proof)
             values ($1, $2, $3, $4, $5, $6)",
            &[
                (&job.agency.0, Type::UUID),
                (&job.id, Type::UUID),
                (&job.creator.map(|creator| creator.0), Type::UUID),
                (&job.asked_by.map(|user| user.0), Type::UUID),
                (&job.now, Type::TIMESTAMPTZ),
                (&job.is_proof, Type::BOOL),
            ],
        )
        .await?;
        let creators: Vec<_> = job.creators.iter().map(|creator| creator.0).collect();
        self.add_job_creators(&job, &creators).await
    }

    /// The creators in the order in which everybody holds several, each with what its ledger holds now, and
    /// whether that is known to end before the platform does: where it was never read to its end, and where
    /// somebody took older rows from it than it has now.
    async fn add_job_creators(&self, job: &NewJob<'_>, creators: &[Uuid]) -> Result<(), Error> {
        self.change(
            "add_job_creators",
            "-- add_job_creators
             with held as (
                 select m.agency_id, m.id, m.transactions_total, m.revenue_total_cents,
                        m.connection_id, m.fanvue_user_uuid
                   from models m
                  where m.agency_id = $1 and m.id = any($3)
                  order by m.agency_id, m.id for no key update
             ), stood as (
                 select m.*, coalesce(c.state = 'active' and m.fanvue_user_uuid is not null, false)
                            as is_readable,
                        (select min(t.transaction_date) from fanvue_transactions t
                          where t.agency_id = m.agency_id and t.model_id = m.id) as known_from,
                        s.watermark is null and s.read_at is null as is_unread
                   from held m
                   left join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   left join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
             ), added as (
             insert into sync_job_creators
                 (agency_id, job_id, model_id, rows_known, cents_known, known_from, rows_ahead,
                  rows_held, ends_early, ended_at, outcome, reason)
             select agency_id, $2, id, transactions_total, revenue_total_cents, known_from,
                    transactions_total, transactions_total,
                    is_unread or $6 < (
                        select count(*)
                          from (select from money_changes g
                                 where g.agency_id = stood.agency_id and g.model_id = stood.id
                                   and g.tbl = 'fanvue_transactions' and g.op = 'delete'
                                   and g.actor <> all ($7)
                                   and (g.before ->> 'date')::timestamptz < known_from
                                 limit $6 + 1) as taken),
                    case when not is_readable then $5 end,
                    case when not is_readable then 'disconnected' end,
                    case when not is_readable then $4 end
               from stood
             returning rows_known
             )
             update sync_jobs
                set rows_weighed = (select coalesce(sum(greatest(rows_known, $8)), 0) from added)
              where agency_id = $1 and id = $2",
            &[
                (&job.agency.0, Type::UUID),
                (&job.id, Type::UUID),
                (&creators, Type::UUID_ARRAY),
                (&job.unreadable, Type::TEXT),
                (&job.now, Type::TIMESTAMPTZ),
                (&BEYOND_ROWS_MAX, Type::INT8),
                (&READING.as_slice(), Type::TEXT_ARRAY),
                (&WEIGHT_MIN, Type::INT8),
            ],
        )
        .await
        .map(|_| ())
    }
}

impl Store {
    /// Ends the parts of jobs whose creators nobody reads any more: set aside, or without a connection that
    /// works or an account that it reads. `unreadable` is written of the latter.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_unreadable(&self, unreadable: &str, now: Timestamp) -> Result<u64, Error> {
        self.change(
            "end_unreadable",
            "-- end_unreadable
             update sync_job_creators j
                set ended_at = $2,
                    outcome = case when s.parked_at is null then 'disconnected' else 'parked' end,
                    reason = case when s.parked_at is null then $1 else s.last_error end
               from models m
               left join fanvue_connections c
                 on c.agency_id = m.agency_id and c.id = m.connection_id
               left join sync_state s
                 on s.agency_id = m.agency_id and s.model_id = m.id and s.sync_type = 'earnings'
              where j.ended_at is null and m.agency_id = j.agency_id and m.id = j.model_id
                and (s.parked_at is not null or coalesce(c.state, '') <> 'active'
                     or m.fanvue_user_uuid is null)",
            &[(&unreadable, Type::TEXT), (&now, Type::TIMESTAMPTZ)],
        )
        .await
    }
}
