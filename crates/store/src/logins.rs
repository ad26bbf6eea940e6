//! Logins under way: somebody was asked to connect an account and has not come back yet.
//!
//! Ticket, state and session come as digests; the secrets themselves are only in links and cookies.

use jiff::{SignedDuration, Timestamp};
use ledger::AgencyId;
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{ConnectionKind, Error, Store};

/// How long a used code is remembered. Fanvue's are good for minutes.
const CODE_SECONDS: i64 = 86_400;

/// SHA-256 of a secret.
pub type Digest = [u8; 32];

/// What is to be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Its id.
    pub id: Uuid,
    /// The agency that gets the connection.
    pub agency: AgencyId,
    /// Name and zone, if the agency is to be made.
    pub new_agency: Option<(String, String)>,
    /// Whose account it is to be.
    pub kind: ConnectionKind,
    /// The platform's uuid of the account that must come back, when one is reconnected.
    pub account_uuid: Option<String>,
}

/// A login, and what its agency is called now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLogin {
    /// What is to be connected.
    pub login: Login,
    /// The agency's name, also where it is yet to be made.
    pub agency_name: String,
}

fn named(row: &Row) -> Result<NamedLogin, Error> {
    Ok(NamedLogin { login: login(row)?, agency_name: row.get("called") })
}

/// From the answer to the question.
fn login(row: &Row) -> Result<Login, Error> {
    let kind: &str = row.get("kind");
    let name: Option<String> = row.get("agency_name");
    Ok(Login {
        id: row.get("id"),
        agency: AgencyId(row.get("agency_id")),
        new_agency: name.zip(row.get("timezone")),
        kind: ConnectionKind::of(kind)
            .ok_or(Error::Inconsistent { table: "fanvue_logins", column: "kind" })?,
        account_uuid: row.get("account_uuid"),
    })
}

impl Store {
    /// Stores a login whose link has not been opened, and forgets those that have ended.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn begin_login(
        &self,
        login: &Login,
        ticket: &Digest,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let (name, zone) = login.new_agency.clone().unzip();
        self.change(
            "begin_login",
            "-- begin_login
             with ended as (delete from fanvue_logins where expires_at <= $8)
             insert into fanvue_logins
                 (id, agency_id, agency_name, timezone, kind, account_uuid, ticket_digest,
                  created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                (&login.id, Type::UUID),
                (&login.agency.0, Type::UUID),
                (&name, Type::TEXT),
                (&zone, Type::TEXT),
                (&login.kind.as_str(), Type::TEXT),
                (&login.account_uuid, Type::TEXT),
                (&ticket.as_slice(), Type::BYTEA),
                (&now, Type::TIMESTAMPTZ),
                (&expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// The link was opened in a browser: from now on only that browser can finish the login.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn open_login(
        &self,
        ticket: &Digest,
        state: &Digest,
        session: &Digest,
        now: Timestamp,
    ) -> Result<Option<NamedLogin>, Error> {
        let rows = self
            .rows(
                "open_login",
                "-- open_login
                 update fanvue_logins l set state_digest = $2, session_digest = $3
                  where ticket_digest = $1 and $4 < expires_at
                    and (agency_name is not null
                         or exists (select 1 from agencies a where a.id = l.agency_id))
                 returning id, agency_id, agency_name, timezone, kind, account_uuid,
                           coalesce((select a.name from agencies a where a.id = l.agency_id),
                                    agency_name, '') as called",
                &[
                    (&ticket.as_slice(), Type::BYTEA),
                    (&state.as_slice(), Type::BYTEA),
                    (&session.as_slice(), Type::BYTEA),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        rows.first().map(named).transpose()
    }

    /// Takes the login that this state and this browser belong to. It can be taken once.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn take_login(
        &self,
        state: &Digest,
        session: &Digest,
        code: &Digest,
        now: Timestamp,
    ) -> Result<Option<NamedLogin>, Error> {
        let forgotten = now.checked_sub(SignedDuration::from_secs(CODE_SECONDS)).unwrap_or(now);
        let rows = self
            .rows(
                "take_login",
                "-- take_login
                 with login as (
                     delete from fanvue_logins
                      where state_digest = $1 and session_digest = $2 and $3 < expires_at
                        and not exists (select 1 from fanvue_used_codes where code_digest = $4)
                     returning id, agency_id, agency_name, timezone, kind, account_uuid
                 ), old as (
                     delete from fanvue_used_codes where used_at < $5
                 ), used as (
                     insert into fanvue_used_codes (code_digest, used_at)
                     select $4, $3 from login
                     on conflict do nothing
                     returning 1
                 )
                 select login.*, coalesce((select a.name from agencies a where a.id = login.agency_id),
                                          login.agency_name, '') as called
                   from login, used",
                &[
                    (&state.as_slice(), Type::BYTEA),
                    (&session.as_slice(), Type::BYTEA),
                    (&now, Type::TIMESTAMPTZ),
                    (&code.as_slice(), Type::BYTEA),
                    (&forgotten, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        rows.first().map(named).transpose()
    }
}
