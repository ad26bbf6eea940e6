//! What the platform says was sold in all, asked for where nothing else tells how long a history is.

use jiff::Timestamp;
use ledger::{AgencyId, Cents, ConnectionId, CreatorId};
use tokio_postgres::types::Type;

use crate::{Error, Store};

/// A creator `j` in a job of whose history the ledger tells nothing, or too little as turned out, and whom the
/// platform was asked for less than three times. What the proof reads nobody waits for.
pub(crate) const UNPROMISED: &str = "j.ended_at is null and j.gross_promised_cents is null
    and (j.ends_early or j.rows_known = 0 or j.rows_beyond > 100) and j.promise_asks < 3
    and exists (select from sync_jobs o
                 where o.agency_id = j.agency_id and o.id = j.job_id and not o.is_proof)";

/// Somebody to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseAsk {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// The connection that reads it.
    pub connection: ConnectionId,
    /// The platform's uuid of the creator.
    pub account_uuid: String,
    /// Whether the creator is the connected account itself.
    pub is_connected_account: bool,
}

impl Store {
    /// Takes the creators of open jobs whose ledger ends before the platform does, of whom nobody asked since
    /// `before`; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_promise_asks(
        &self,
        now: Timestamp,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<PromiseAsk>, Error> {
        let rows = self
            .rows(
                "claim_promise_asks",
                &"-- claim_promise_asks
                 with wanted as (
                     select j.agency_id, j.job_id, j.model_id, m.connection_id, m.fanvue_user_uuid,
                            coalesce(c.account_uuid = m.fanvue_user_uuid, false) as is_own
                       from sync_job_creators j
                       join models m on m.agency_id = j.agency_id and m.id = j.model_id
                       join fanvue_connections c
                         on c.agency_id = m.agency_id and c.id = m.connection_id
                      where $UNPROMISED and coalesce(j.promise_asked_at <= $2, true)
                        and c.state = 'active' and m.fanvue_user_uuid is not null
                      order by j.promise_asks, j.agency_id, j.model_id, j.job_id limit $3
                        for update of j skip locked
                 )
                 update sync_job_creators j
                    set promise_asks = j.promise_asks + 1, promise_asked_at = $1
                   from wanted w
                  where j.agency_id = w.agency_id and j.job_id = w.job_id and j.model_id = w.model_id
                 returning w.agency_id, w.model_id, w.connection_id, w.fanvue_user_uuid, w.is_own"
                    .replace("$UNPROMISED", UNPROMISED),
                &[
                    (&now, Type::TIMESTAMPTZ),
                    (&before, Type::TIMESTAMPTZ),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        let ask = |row: &tokio_postgres::Row| PromiseAsk {
            agency: AgencyId(row.get("agency_id")),
            creator: CreatorId(row.get("model_id")),
            connection: ConnectionId(row.get("connection_id")),
            account_uuid: row.get("fanvue_user_uuid"),
            is_connected_account: row.get("is_own"),
        };
        let mut asks: Vec<_> = rows.iter().map(ask).collect();
        // Several jobs may wait for one creator.
        asks.sort_by_key(|ask| (ask.agency, ask.creator));
        asks.dedup_by_key(|ask| (ask.agency, ask.creator));
        Ok(asks)
    }

    /// Writes down what came of asking, which was a request: the sum, if the platform told one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_promise(
        &self,
        ask: &PromiseAsk,
        promised: Option<Cents>,
    ) -> Result<(), Error> {
        self.change(
            "note_promise",
            "-- note_promise
             update sync_job_creators
                set requests = requests + 1, gross_promised_cents = $3
              where agency_id = $1 and model_id = $2 and ended_at is null
                and promise_asks > 0 and gross_promised_cents is null",
            &[
                (&ask.agency.0, Type::UUID),
                (&ask.creator.0, Type::UUID),
                (&promised.map(|cents| cents.0), Type::INT8),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Gives the creator back until somebody asks again: nothing was asked now.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn put_off_promise(&self, ask: &PromiseAsk) -> Result<(), Error> {
        self.change(
            "put_off_promise",
            "-- put_off_promise
             update sync_job_creators
                set promise_asks = promise_asks - 1
              where agency_id = $1 and model_id = $2 and ended_at is null
                and promise_asks > 0 and gross_promised_cents is null",
            &[(&ask.agency.0, Type::UUID), (&ask.creator.0, Type::UUID)],
        )
        .await
        .map(|_| ())
    }
}
