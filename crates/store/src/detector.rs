//! Agency totals as last seen, and the creators that they prove quiet.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, ConnectionId, CreatorId};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Error, Lease, Store, Totals, Turns, Tx, Watch};

/// The second at which a creator's turn comes, within the time from one to the next.
const TURN: &str = "('x' || left(md5(s.model_id::text), 7))::bit(28)::int % $EVERY";

/// Streams that totals can prove quiet: complete, idle, and read from the feed since the turn that
/// counts.
const QUIET: &str = "s.sync_type = 'earnings' and s.parked_at is null and not s.needs_read
      and (s.unexplained_until is null or s.unexplained_until <= $NOW)
      and s.watermark <= $NOW
      and (select floor((extract(epoch from s.read_at) - turn) / $EVERY)
                  >= floor((extract(epoch from $NOW) - turn) / $EVERY) - $MISSED
             from (select $TURN) as t (turn))
      and coalesce(jsonb_array_length(s.stream -> 'windows'), 0) = 0
      and (s.lease_expires_at is null or s.lease_expires_at <= $NOW)
      and (s.paused_until is null or s.paused_until <= $NOW)";

impl Store {
    /// The agency connections with creators that totals could prove quiet, and of whom one is due if
    /// only those matter. Rows are read in their turns all the same. Leaves out connections that were
    /// refused the totals after `refused_since`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_watches(
        &self,
        now: Timestamp,
        turns: Turns,
        refused_since: Timestamp,
        due_only: bool,
    ) -> Result<Vec<Watch>, Error> {
        let quiet = QUIET
            .replace("$TURN", TURN)
            .replace("$EVERY", "$2")
            .replace("$MISSED", "$5")
            .replace("$NOW", "$1");
        let sql = format!(
            "-- list_watches
             select c.agency_id, c.id, count(*) as creators,
                    min(coalesce(s.confirmed_at, s.watermark)) filter (where q.is_quiet) as since
               from fanvue_connections c
               join models m on m.agency_id = c.agency_id and m.connection_id = c.id
                            and m.fanvue_user_uuid <> c.account_uuid
               join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
              cross join lateral (select {quiet}) as q (is_quiet)
              where c.state = 'active' and c.kind = 'agency'
                and coalesce(c.detector_refused_at <= $3, true)
              group by 1, 2
             having bool_or(q.is_quiet
                            and (not $4 or coalesce(s.next_sync_at <= $1, true)))"
        );
        let rows = self
            .rows(
                "list_watches",
                &sql,
                &[
                    (&now, Type::TIMESTAMPTZ),
                    (&turns.every, Type::INT8),
                    (&refused_since, Type::TIMESTAMPTZ),
                    (&due_only, Type::BOOL),
                    (&turns.missed_max, Type::INT8),
                ],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| Watch {
                agency: AgencyId(row.get("agency_id")),
                connection: ConnectionId(row.get("id")),
                since: row.get("since"),
                creators: row.get("creators"),
            })
            .collect())
    }

    /// Takes the managed creators of a connection that totals could prove quiet under a lease, with
    /// their accounts, so that of many ticks one asks for the totals and none reads meanwhile.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_watched(
        &self,
        watch: &Watch,
        token: Uuid,
        (now, lease_until): (Timestamp, Timestamp),
        turns: Turns,
    ) -> Result<Vec<(CreatorId, String)>, Error> {
        let quiet = QUIET
            .replace("$TURN", TURN)
            .replace("$EVERY", "$4")
            .replace("$MISSED", "$7")
            .replace("$NOW", "$3");
        let sql = format!(
            "-- claim_watched
             with quiet as (
                 select m.id, m.fanvue_user_uuid
                   from fanvue_connections c
                   join models m on m.agency_id = c.agency_id and m.connection_id = c.id
                                and m.fanvue_user_uuid <> c.account_uuid
                   join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                  where c.agency_id = $1 and c.id = $2 and {quiet}
                    for update of s skip locked
             )
             update sync_state s set lease_token = $5, lease_expires_at = $6
               from quiet
              where s.agency_id = $1 and s.model_id = quiet.id and s.sync_type = 'earnings'
             returning quiet.id, quiet.fanvue_user_uuid"
        );
        let rows = self
            .rows(
                "claim_watched",
                &sql,
                &[
                    (&watch.agency.0, Type::UUID),
                    (&watch.connection.0, Type::UUID),
                    (&now, Type::TIMESTAMPTZ),
                    (&turns.every, Type::INT8),
                    (&token, Type::UUID),
                    (&lease_until, Type::TIMESTAMPTZ),
                    (&turns.missed_max, Type::INT8),
                ],
            )
            .await?;
        let pair = |row: &tokio_postgres::Row| (CreatorId(row.get(0)), row.get(1));
        let mut watched: Vec<(CreatorId, String)> = rows.iter().map(pair).collect();
        // `returning` keeps no order.
        watched.sort();
        Ok(watched)
    }

    /// Gives back what [`Store::claim_watched`] took and no total settled.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn release_watched(&self, watch: &Watch, token: Uuid) -> Result<(), Error> {
        self.change(
            "release_watched",
            "-- release_watched
             update sync_state set lease_token = null, lease_expires_at = null
              where agency_id = $1 and lease_token = $2",
            &[(&watch.agency.0, Type::UUID), (&token, Type::UUID)],
        )
        .await
        .map(|_| ())
    }

    /// Takes the totals into account that were asked for at `asked_at`, of creators claimed with
    /// `token`: one whose totals are as last seen is confirmed, and the tick passes it over; one
    /// whose totals changed has to be read from the first day asked for, and for an hour until its
    /// rows change too. Totals that are not known (JSON null) are learnt by one read. Nothing here
    /// moves the as-of time: totals leave reversals out. Who is confirmed is due when its turn comes.
    /// Returns how many are confirmed.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn confirm_quiet(
        &self,
        (agency, token): (AgencyId, Uuid),
        totals: &[Totals],
        from: (Date, Timestamp),
        (tick, asked_at, next_sync_at): (Timestamp, Timestamp, Timestamp),
        turns: Turns,
    ) -> Result<u64, Error> {
        let creators: Vec<_> = totals.iter().map(|t| t.creator.0).collect();
        let days: Vec<_> = totals.iter().map(|t| t.by_day.clone()).collect();
        let (from, read_from) = (from.0.to_string(), from.1);
        let sql = "-- confirm_quiet
             with told as (
                 select t.model_id, t.by_day from unnest($2::uuid[], $3::jsonb[])
                     as t (model_id, by_day)
             ), seen as (
                 select s.model_id, t.by_day, k.is_known, t.by_day = coalesce(
                        (select jsonb_object_agg(d.key, d.value)
                           from jsonb_each(case when k.is_known then s.totals else '{}' end) d
                          where d.key >= $4), '{}') as is_same,
                        to_timestamp((floor((extract(epoch from s.read_at) - turn) / $10) + 1)
                                     * $10 + turn) as turn_at
                   from sync_state s join told t on t.model_id = s.model_id
                  cross join lateral (select jsonb_typeof(s.totals) = 'object') as k (is_known)
                  cross join lateral (select $TURN) as n (turn)
                  where s.agency_id = $1 and s.sync_type = 'earnings' and s.lease_token = $8
                    for no key update of s
             ), noted as (
                 update sync_state s
                    set totals = case when seen.is_same and seen.is_known then s.totals
                                      else seen.by_day end,
                        needs_read = not seen.is_same, lease_token = null,
                        lease_expires_at = null,
                        next_sync_at = case when seen.is_same then least($7, seen.turn_at)
                                            else $6 end,
                        read_from = case when seen.is_same then s.read_from
                                         else least(s.read_from, $9) end,
                        unexplained_until = case when seen.is_same or not seen.is_known
                                                 then s.unexplained_until
                                                 else $6 + interval '1 hour' end,
                        attempts = case when seen.is_same then 0 else s.attempts end,
                        refusals = case when seen.is_same then 0 else s.refusals end,
                        last_error = case when seen.is_same then null else s.last_error end,
                        tried_at = case when seen.is_same then $5 else s.tried_at end,
                        confirmed_at = case when seen.is_same then $6 else s.confirmed_at end
                   from seen
                  where s.agency_id = $1 and s.model_id = seen.model_id
                    and s.sync_type = 'earnings'
                 returning s.model_id, seen.is_same
             )
             select count(*) filter (where is_same) as quiet_count from noted";
        let sql = sql.replace("$TURN", TURN).replace("$EVERY", "$10");
        let rows = self
            .rows(
                "confirm_quiet",
                &sql,
                &[
                    (&agency.0, Type::UUID),
                    (&creators, Type::UUID_ARRAY),
                    (&days, Type::JSONB_ARRAY),
                    (&from, Type::TEXT),
                    (&tick, Type::TIMESTAMPTZ),
                    (&asked_at, Type::TIMESTAMPTZ),
                    (&next_sync_at, Type::TIMESTAMPTZ),
                    (&token, Type::UUID),
                    (&read_from, Type::TIMESTAMPTZ),
                    (&turns.every, Type::INT8),
                ],
            )
            .await?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>("quiet_count")).unsigned_abs())
    }

    /// The platform refuses this connection the totals: its creators are read one by one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_detector_refused(&self, watch: &Watch, now: Timestamp) -> Result<(), Error> {
        self.change(
            "note_detector_refused",
            "-- note_detector_refused
             update fanvue_connections set detector_refused_at = $3
              where agency_id = $1 and id = $2",
            &[
                (&watch.agency.0, Type::UUID),
                (&watch.connection.0, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}

impl Tx {
    /// Takes note that the creator's sales changed here: that explains a change of its totals. Where
    /// no totals led to it, they will change on its account, so what they were is forgotten.
    pub(crate) async fn explain_totals(&self, lease: &Lease) -> Result<(), Error> {
        self.change(
            "explain_totals",
            "-- explain_totals
             update sync_state
                set unexplained_until = null,
                    totals = case when needs_read and read_at is not null then totals
                                  else 'null' end
              where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                and lease_token = $3",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&lease.token, Type::UUID),
            ],
        )
        .await
        .map(|_| ())
    }
}
