//! Tokens that an older system left in `models` as plain text, until `app` has sealed them. Once
//! read they are secrets that don't print, and nothing sends them back: a digest says which were
//! meant.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};
use secrecy::SecretString;
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, NewConnection, SealedGrant, Store, Tx};

/// A creator whose token stands in plain text.
#[derive(Clone, Debug)]
pub struct PlainToken {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// The platform's uuid of its account, where it is known.
    pub account_uuid: Option<String>,
    /// The account's handle, where it is known.
    pub handle: Option<String>,
    /// The access token, if there is one.
    pub access: Option<SecretString>,
    /// The refresh token, if there is one.
    pub refresh: Option<SecretString>,
    /// When the access token ends, where that is known; within thirty days of when it was asked.
    pub expires_at: Option<Timestamp>,
    /// Whether another creator has one of these tokens too: then it is nobody's own.
    pub is_shared: bool,
    /// Of both tokens as they stand there: what is adopted has to be what was read.
    pub digest: Vec<u8>,
}

/// How it is known whose tokens an older system left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The platform said it.
    Told,
    /// Only the older system's table says it: the platform is asked after the first refresh, before
    /// anything is read.
    Pending,
    /// Nobody can say it, for this reason: the tokens are kept sealed, and nothing is read.
    Impossible(&'static str),
}

impl Proof {
    fn problem(self) -> Option<&'static str> {
        match self {
            Self::Told | Self::Pending => None,
            Self::Impossible(problem) => Some(problem),
        }
    }
}

/// What is known of an account already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// The agency's connection of the account, if it ever had one.
    pub connection: Option<ConnectionId>,
    /// Whether that one works.
    pub is_active: bool,
    /// Whether it is a creator's own that the platform ended.
    pub is_revoked: bool,
    /// Whether another creator of the agency has the account.
    pub is_taken: bool,
}

fn plain_token(row: &Row) -> PlainToken {
    let secret = |text: String| SecretString::from(text);
    PlainToken {
        agency: AgencyId(row.get("agency_id")),
        creator: CreatorId(row.get("id")),
        account_uuid: row.get("account_uuid"),
        handle: row.get("fanvue_username"),
        access: row.get::<_, Option<String>>("access_token").map(secret),
        refresh: row.get::<_, Option<String>>("refresh_token").map(secret),
        expires_at: row.get("expires_at"),
        is_shared: row.get("is_shared"),
        digest: row.get("digest"),
    }
}

impl Store {
    /// Creators with a plain token of either kind and no connection that works, at most `limit`: in the
    /// order of their ids from `start` on, then from the first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_plain_tokens(
        &self,
        now: Timestamp,
        start: Uuid,
        limit: i64,
    ) -> Result<Vec<PlainToken>, Error> {
        let rows = self
            .rows(
                "list_plain_tokens",
                "-- list_plain_tokens
                 select m.agency_id, m.id, nullif(m.fanvue_user_uuid, '') as account_uuid,
                        m.fanvue_username, p.access_token, p.refresh_token,
                        case when m.fanvue_token_expires_at is not null then
                            greatest(least(m.fanvue_token_expires_at, $1 + interval '30 days'),
                                     $1 - interval '30 days') end as expires_at,
                        exists (select 1 from models o
                                 where o.id <> m.id
                                   and (o.fanvue_access_token = p.access_token
                                        or o.fanvue_refresh_token = p.refresh_token)) as is_shared,
                        sha256(convert_to(jsonb_build_array(
                            m.fanvue_access_token, m.fanvue_refresh_token)::text, 'UTF8')) as digest
                   from models m
                  cross join lateral (
                      select nullif(nullif(m.fanvue_access_token, ''), 'sealed') as access_token,
                             nullif(m.fanvue_refresh_token, '') as refresh_token) p
                  where coalesce(p.access_token, p.refresh_token) is not null
                    and not exists (
                        select 1 from fanvue_connections c
                         where c.agency_id = m.agency_id and c.id = m.connection_id
                           and c.state = 'active')
                  order by m.id < $2, m.id, m.agency_id limit $3",
                &[(&now, Type::TIMESTAMPTZ), (&start, Type::UUID), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(plain_token).collect())
    }

    /// What the agency has of the account already, seen from one of its creators.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_account_state(
        &self,
        agency: AgencyId,
        account_uuid: &str,
        creator: CreatorId,
    ) -> Result<AccountState, Error> {
        let rows = self
            .rows(
                "find_account_state",
                "-- find_account_state
                 select c.id, coalesce(c.state = 'active', false) as is_active,
                        coalesce(c.state = 'revoked' and c.kind = 'creator', false) as is_revoked,
                        exists (select 1 from models m
                                 where m.agency_id = $1 and lower(m.fanvue_user_uuid) = $2
                                   and m.id <> $3) as is_taken
                   from (select 1) as once
                   left join fanvue_connections c on c.agency_id = $1 and c.account_uuid = $2",
                &[(&agency.0, Type::UUID), (&account_uuid, Type::TEXT), (&creator.0, Type::UUID)],
            )
            .await?;
        let row = rows.first().ok_or(Error::Lost { statement: "find_account_state" })?;
        Ok(AccountState {
            connection: row.get::<_, Option<Uuid>>("id").map(ConnectionId),
            is_active: row.get("is_active"),
            is_revoked: row.get("is_revoked"),
            is_taken: row.get("is_taken"),
        })
    }
}

impl Tx {
    /// Adds a creator's own connection, or gives the one of this id that the platform ended its new
    /// tokens; false when the account got another connection meanwhile.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_own_connection(
        &self,
        new: &NewConnection,
        grant: &SealedGrant,
        proof: Proof,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let changed = self
            .change(
                "add_own_connection",
                "-- add_own_connection
                 insert into fanvue_connections as c
                     (id, agency_id, kind, account_uuid, account_handle, account_is_creator,
                      routes, scope, access_sealed, refresh_sealed, obtained_at, expires_at,
                      created_at, updated_at, is_identified, state, last_error)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14,
                         case when $15::text is null then 'active' else 'revoked' end, $15)
                 on conflict (agency_id, account_uuid) do update
                    set routes = excluded.routes, scope = excluded.scope,
                        access_sealed = excluded.access_sealed,
                        refresh_sealed = excluded.refresh_sealed,
                        obtained_at = excluded.obtained_at, expires_at = excluded.expires_at,
                        state = excluded.state, last_error = excluded.last_error,
                        is_identified = excluded.is_identified, refresh_intended_at = null,
                        updated_at = excluded.updated_at
                  where c.id = excluded.id and c.state = 'revoked' and c.kind = excluded.kind",
                &[
                    (&new.id.0, Type::UUID),
                    (&new.agency.0, Type::UUID),
                    (&new.kind.as_str(), Type::TEXT),
                    (&new.account_uuid, Type::TEXT),
                    (&new.account_handle, Type::TEXT),
                    (&new.account_is_creator, Type::BOOL),
                    (&new.routes, Type::TEXT),
                    (&grant.scope, Type::TEXT),
                    (&grant.access, Type::BYTEA),
                    (&grant.refresh, Type::BYTEA),
                    (&grant.obtained_at, Type::TIMESTAMPTZ),
                    (&grant.expires_at, Type::TIMESTAMPTZ),
                    (&now, Type::TIMESTAMPTZ),
                    (&matches!(proof, Proof::Told), Type::BOOL),
                    (&proof.problem(), Type::TEXT),
                ],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Links the creator to the connection that reads its account from now on, removes its plain
    /// tokens and queues its earnings. Copies of the same tokens at other creators, of any agency, go
    /// too: whoever used one later would end the connection. Returns whose copies
    /// there were; `None` when the tokens are no longer those that were read.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn adopt_creator(
        &self,
        plain: &PlainToken,
        connection: ConnectionId,
        (account_uuid, handle): (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<Option<Vec<CreatorId>>, Error> {
        let rows = self
            .rows(
                "adopt_creator",
                "-- adopt_creator
                 with meant as (
                     select id,
                            nullif(nullif(fanvue_access_token, ''), 'sealed') as fanvue_access_token,
                            nullif(fanvue_refresh_token, '') as fanvue_refresh_token
                       from models where agency_id = $1 and id = $2
                 ), adopted as (
                     update models m
                        set connection_id = $3, fanvue_access_token = 'sealed',
                            fanvue_refresh_token = null, fanvue_user_uuid = $4,
                            fanvue_username = coalesce(m.fanvue_username, $5), updated_at = $7
                      where m.agency_id = $1 and m.id = $2
                        and sha256(convert_to(jsonb_build_array(
                            m.fanvue_access_token, m.fanvue_refresh_token)::text, 'UTF8')) = $6
                        and lower(coalesce(nullif(m.fanvue_user_uuid, ''), $4)) = $4
                     returning m.id
                 ), elsewhere as (
                     update models o
                        set fanvue_access_token =
                                case when o.connection_id is not null then 'sealed' end,
                            fanvue_refresh_token = null, updated_at = $7
                       from meant, adopted
                      where o.id <> meant.id and adopted.id = meant.id
                        and (o.fanvue_access_token = meant.fanvue_access_token
                             or o.fanvue_refresh_token = meant.fanvue_refresh_token)
                     returning o.id
                 ), queued as (
                     insert into sync_state (agency_id, model_id, sync_type, next_sync_at)
                     select $1, id, 'earnings', $7 from adopted
                     on conflict (agency_id, model_id, sync_type) do update
                        set parked_at = null, attempts = 0, refusals = 0,
                            next_sync_at = excluded.next_sync_at
                 )
                 select (select coalesce(array_agg(id), '{}') from elsewhere) as copies
                   from adopted",
                &[
                    (&plain.agency.0, Type::UUID),
                    (&plain.creator.0, Type::UUID),
                    (&connection.0, Type::UUID),
                    (&account_uuid, Type::TEXT),
                    (&handle, Type::TEXT),
                    (&plain.digest, Type::BYTEA),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let copies = |row: &Row| row.get::<_, Vec<Uuid>>("copies").into_iter().map(CreatorId);
        Ok(rows.first().map(|row| copies(row).collect()))
    }
}
