//! Creators: the table `models`, as the agencies call them.

use std::collections::HashSet;

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store, Tx};

/// A creator as listed for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creator {
    /// Its id.
    pub id: CreatorId,
    /// Its name.
    pub name: String,
    /// The platform's uuid of the account.
    pub account_uuid: Option<String>,
}

/// A creator that the platform named and that may be new to us.
#[derive(Clone, Debug)]
pub struct NewCreator {
    /// The id it gets if it is new.
    pub id: CreatorId,
    /// Display name, else the handle.
    pub name: String,
    /// The platform's uuid of the account.
    pub account_uuid: String,
    /// The account's handle.
    pub handle: Option<String>,
}

/// Creators that the platform named in one answer, or in several pages of it.
#[derive(Clone, Copy, Debug)]
pub struct CreatorList<'a> {
    /// The creators.
    pub creators: &'a [NewCreator],
    /// Whether these are all that an agency manages: only then may a display name, which anybody
    /// chooses for themselves, tell who is who.
    pub is_whole: bool,
}

fn creator(row: &Row) -> Creator {
    Creator {
        id: CreatorId(row.get("id")),
        name: row.get("name"),
        account_uuid: row.get("fanvue_user_uuid"),
    }
}

impl Store {
    /// The agency's creators by name, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_creators(&self, agency: AgencyId, limit: i64) -> Result<Vec<Creator>, Error> {
        let rows = self
            .rows(
                "list_creators",
                "-- list_creators
                 select id, name, fanvue_user_uuid
                   from models where agency_id = $1 order by name, id limit $2",
                &[(&agency.0, Type::UUID), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(creator).collect())
    }
}

impl Tx {
    /// Adds the creators of a list that was made unasked: those who are new, or whom nobody reads.
    /// Whoever has, or had, an own connection stays with it, and whoever has plain tokens waits for
    /// their sealing. Returns how many were new.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_creators(
        &self,
        agency: AgencyId,
        connection: ConnectionId,
        list: CreatorList<'_>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let known = self
            .rows(
                "list_known_creators",
                "-- list_known_creators
                 select fanvue_user_uuid from models
                  where agency_id = $1 and fanvue_user_uuid is not null
                    and (connection_id is not null
                         or coalesce(fanvue_access_token, '') not in ('', 'sealed')
                         or coalesce(fanvue_refresh_token, '') <> '')
                  union
                 select account_uuid from fanvue_connections
                  where agency_id = $1 and kind = 'creator'",
                &[(&agency.0, Type::UUID)],
            )
            .await?;
        let known: HashSet<String> = known.iter().map(|row| row.get(0)).collect();
        let is_new = |c: &&NewCreator| !known.contains(&c.account_uuid);
        let new: Vec<_> = list.creators.iter().filter(is_new).cloned().collect();
        if new.is_empty() {
            return Ok(0);
        }
        let list = CreatorList { creators: &new, ..list };
        self.link_creators(agency, connection, list, (now, false)).await
    }

    /// Adds the creators of a connection that a person made: those who are new, and links all of
    /// them to it. A name that people gave stays, and so does a creator's own connection that nobody
    /// ended: an agency that lists her does not take her over. Returns how many were new.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn import_creators(
        &self,
        agency: AgencyId,
        connection: ConnectionId,
        list: CreatorList<'_>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        self.link_creators(agency, connection, list, (now, true)).await
    }

    /// Takes up again whom a whole list names and who was set aside for that `reason`: what another one
    /// needs, a list doesn't mend.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn unpark_listed(
        &self,
        agency: AgencyId,
        connection: ConnectionId,
        listed: &[NewCreator],
        (reason, now): (&str, Timestamp),
    ) -> Result<u64, Error> {
        let uuids: Vec<_> = listed.iter().map(|c| c.account_uuid.as_str()).collect();
        self.change(
            "unpark_listed",
            "-- unpark_listed
             with counted as (
                 update audience_streams s
                    set parked_at = null, attempts = 0, refusals = 0, next_at = $5
                   from models m
                  where m.agency_id = $1 and m.connection_id = $2 and m.fanvue_user_uuid = any($3)
                    and s.agency_id = m.agency_id and s.model_id = m.id
                    and s.parked_at is not null and position($4 in s.last_error) > 0
             )
             update sync_state s
                set parked_at = null, attempts = 0, refusals = 0, next_sync_at = $5
               from models m
              where m.agency_id = $1 and m.connection_id = $2 and m.fanvue_user_uuid = any($3)
                and s.agency_id = m.agency_id and s.model_id = m.id
                and s.parked_at is not null and position($4 in s.last_error) > 0",
            &[
                (&agency.0, Type::UUID),
                (&connection.0, Type::UUID),
                (&uuids, Type::TEXT_ARRAY),
                (&reason, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    /// With `replaces_plain` the connection takes the place of plain tokens, which are erased.
    async fn link_creators(
        &self,
        agency: AgencyId,
        connection: ConnectionId,
        list: CreatorList<'_>,
        (now, replaces_plain): (Timestamp, bool),
    ) -> Result<u64, Error> {
        let creators = list.creators;
        let ids: Vec<_> = creators.iter().map(|c| c.id.0).collect();
        let names: Vec<_> = creators.iter().map(|c| c.name.as_str()).collect();
        let uuids: Vec<_> = creators.iter().map(|c| c.account_uuid.as_str()).collect();
        let handles: Vec<_> = creators.iter().map(|c| c.handle.as_deref()).collect();
        self.lock_creators(agency, &uuids).await?;
        self.match_creators(agency, list, now).await?;
        // Sorted, so that two lists of the same new creators wait for each other and don't deadlock.
        let rows = self
            .rows(
                "import_creators",
                "-- import_creators
                 with named as (
                     select * from unnest($3::uuid[], $4::text[], $5::text[], $6::text[])
                         as t (id, name, account_uuid, handle)
                      order by account_uuid
                 ), kept as (
                     insert into models as m
                         (id, agency_id, name, fanvue_user_uuid, fanvue_username, connection_id,
                          fanvue_access_token, created_at, updated_at)
                     select id, $1, name, account_uuid, handle, $2, 'sealed', $7, $7 from named
                     on conflict (agency_id, fanvue_user_uuid) do update
                        set connection_id = case when exists (
                                select 1 from fanvue_connections c
                                 where c.agency_id = m.agency_id and c.id = m.connection_id
                                   and c.kind = 'creator' and c.state <> 'disconnected')
                            then m.connection_id else excluded.connection_id end,
                            fanvue_username = coalesce(excluded.fanvue_username, m.fanvue_username),
                            fanvue_access_token = 'sealed', fanvue_refresh_token = null,
                            updated_at = excluded.updated_at
                      where $8 or (coalesce(m.fanvue_access_token, '') in ('', 'sealed')
                                   and coalesce(m.fanvue_refresh_token, '') = '')
                     returning id, (xmax = 0) as is_new
                 ), queued as (
                     insert into sync_state (agency_id, model_id, sync_type, next_sync_at)
                     select $1, id, 'earnings', $7 from kept
                     on conflict (agency_id, model_id, sync_type) do update
                        set parked_at = null, attempts = 0, refusals = 0, next_sync_at = excluded.next_sync_at
                 ), counted as (
                     update audience_streams s
                        set parked_at = null, attempts = 0, refusals = 0, next_at = $7
                       from kept
                      where s.agency_id = $1 and s.model_id = kept.id and s.parked_at is not null
                 )
                 select count(*) filter (where is_new) as new_count from kept",
                &[
                    (&agency.0, Type::UUID),
                    (&connection.0, Type::UUID),
                    (&ids, Type::UUID_ARRAY),
                    (&names, Type::TEXT_ARRAY),
                    (&uuids, Type::TEXT_ARRAY),
                    (&handles, Type::TEXT_ARRAY),
                    (&now, Type::TIMESTAMPTZ),
                    (&replaces_plain, Type::BOOL),
                ],
            )
            .await?;
        let count: i64 = rows.first().map_or(0, |row| row.get("new_count"));
        Ok(count.unsigned_abs())
    }

    /// Holds all creators that a list may change, in the order in which everybody takes several.
    async fn lock_creators(&self, agency: AgencyId, account_uuids: &[&str]) -> Result<(), Error> {
        self.rows(
            "lock_creators",
            "-- lock_creators
             select 1 from models
              where agency_id = $1
                and (fanvue_user_uuid is null or fanvue_user_uuid = any($2))
              order by agency_id, id for no key update",
            &[(&agency.0, Type::UUID), (&account_uuids, Type::TEXT_ARRAY)],
        )
        .await
        .map(|_| ())
    }

    /// Gives creators that an older system knew only by handle, or by name, the platform's uuid, where
    /// exactly one on either side has it. Whoever has plain tokens waits: they prove whose she is.
    async fn match_creators(
        &self,
        agency: AgencyId,
        CreatorList { creators, is_whole }: CreatorList<'_>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let names: Vec<_> = creators.iter().map(|c| c.name.as_str()).collect();
        let uuids: Vec<_> = creators.iter().map(|c| c.account_uuid.as_str()).collect();
        let handles: Vec<_> = creators.iter().map(|c| c.handle.as_deref()).collect();
        self.change(
            "match_creators",
            "-- match_creators
             with pairs as (
                 select m.id, t.account_uuid,
                        count(*) over (partition by m.id) as named,
                        count(*) over (partition by t.account_uuid) as kept
                   from models m
                   join unnest($2::text[], $3::text[], $4::text[]) as t (account_uuid, handle, name)
                     on lower(m.fanvue_username) = lower(t.handle)
                     or ($6 and m.fanvue_username is null and lower(m.name) = lower(t.name))
                  where m.agency_id = $1 and m.fanvue_user_uuid is null
                    and coalesce(m.fanvue_access_token, '') in ('', 'sealed')
                    and coalesce(m.fanvue_refresh_token, '') = ''
                    and not exists (
                        select 1 from models o
                         where o.agency_id = $1 and o.fanvue_user_uuid = t.account_uuid)
             )
             update models m set fanvue_user_uuid = p.account_uuid, updated_at = $5
               from pairs p
              where m.agency_id = $1 and m.id = p.id and p.named = 1 and p.kept = 1",
            &[
                (&agency.0, Type::UUID),
                (&uuids, Type::TEXT_ARRAY),
                (&handles, Type::TEXT_ARRAY),
                (&names, Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
                (&is_whole, Type::BOOL),
            ],
        )
        .await
        .map(|_| ())
    }
}
