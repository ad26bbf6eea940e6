//! The queue of what is read of audiences: whose turn it is, and who reads it now. How a turn ends is in
//! `leases`, what was read in `values`, lists that are being counted in `walks`, and how all of it stands in
//! `standing`.

mod emptied;
mod leases;
mod lists;
mod standing;
pub(crate) mod sums;
mod values;
mod walks;

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Store};

pub use self::{
    emptied::Emptied,
    lists::{Spender, TrackedLink},
    standing::{AudienceStanding, AudienceTrouble},
    sums::{AudienceAsked, AudienceSum},
    values::{Counted, DayOfChanges, Profiled},
    walks::Walk,
};

/// What is read of a creator's audience, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AudienceKind {
    /// How many subscribe.
    Subscribers,
    /// How many follow without subscribing.
    Followers,
    /// How many messages are unread.
    Unread,
    /// How many posts and likes there are. Only of the connected account itself.
    Profile,
    /// How many subscribed and cancelled, day by day.
    Changes,
    /// Who spent most.
    TopSpenders,
    /// Where visitors came from.
    TrackingLinks,
}

impl AudienceKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Subscribers,
        Self::Followers,
        Self::Unread,
        Self::Profile,
        Self::Changes,
        Self::TopSpenders,
        Self::TrackingLinks,
    ];

    /// The name, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subscribers => "subscribers",
            Self::Followers => "followers",
            Self::Unread => "unread",
            Self::Profile => "profile",
            Self::Changes => "changes",
            Self::TopSpenders => "top_spenders",
            Self::TrackingLinks => "tracking_links",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The exclusive right to read one thing of one creator's audience, until it ends. What is written
/// under it checks the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudienceLease {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// What is read.
    pub kind: AudienceKind,
    /// What proves that we still hold it.
    pub token: Uuid,
}

/// A claimed stream with all that is needed to read it.
#[derive(Clone, Debug)]
pub struct AudienceClaim {
    /// The right to read it.
    pub lease: AudienceLease,
    /// The creator's name, for reports.
    pub name: String,
    /// The platform's uuid of the creator.
    pub account_uuid: String,
    /// Whether the creator is the connected account itself, read by the personal endpoints.
    pub is_connected_account: bool,
    /// The connection that reads it.
    pub connection: ConnectionId,
    /// IANA name of the zone that the agency's days are counted in.
    pub timezone: String,
    /// As of when what is stored is true.
    pub as_of: Option<Timestamp>,
    /// Failed attempts in a row.
    pub attempts: i32,
    /// The list as far as it has been counted.
    pub walk: Option<Walk>,
}

fn claim(row: &Row) -> Result<AudienceClaim, Error> {
    let kind: &str = row.get("kind");
    let unknown = Error::Inconsistent { table: "audience_streams", column: "kind" };
    Ok(AudienceClaim {
        lease: AudienceLease {
            agency: AgencyId(row.get("agency_id")),
            creator: CreatorId(row.get("model_id")),
            kind: AudienceKind::of(kind).ok_or(unknown)?,
            token: row.get("lease_token"),
        },
        name: row.get("name"),
        account_uuid: row.get("fanvue_user_uuid"),
        is_connected_account: row.get("is_connected_account"),
        connection: ConnectionId(row.get("connection_id")),
        timezone: row.get("timezone"),
        as_of: row.get("as_of"),
        attempts: row.get("attempts"),
        walk: walks::walk(row),
    })
}

impl Store {
    /// Gives every connected creator the streams that it has not yet, due now; `later` while its history
    /// is not complete.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn ensure_audience(&self, now: Timestamp, later: Timestamp) -> Result<u64, Error> {
        let kinds = AudienceKind::ALL.map(AudienceKind::as_str).to_vec();
        self.change(
            "ensure_audience",
            "-- ensure_audience
             insert into audience_streams (agency_id, model_id, kind, next_at)
             select m.agency_id, m.id, k.kind,
                    case when m.last_transaction_sync is null then $3 else $1 end
               from models m
               join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
              cross join unnest($2::text[]) as k (kind)
              where m.fanvue_user_uuid is not null and c.state = 'active'
                and (k.kind <> 'profile' or c.account_uuid = m.fanvue_user_uuid)
                and not exists (
                    select 1 from audience_streams s
                     where s.agency_id = m.agency_id and s.model_id = m.id and s.kind = k.kind)
              order by m.agency_id, m.id, k.kind
             on conflict (agency_id, model_id, kind) do nothing",
            &[(&now, Type::TIMESTAMPTZ), (&kinds, Type::TEXT_ARRAY), (&later, Type::TIMESTAMPTZ)],
        )
        .await
    }

    /// Takes streams that are due, that nobody holds and that this tick (begun at `tick`) has not tried, the
    /// longest untried first; of those that were read before, also what is due within a minute: what is due as
    /// often as ticks come is so some seconds after one began, and would wait for each second tick. One that was
    /// tried later than now, or is held for far longer than anybody holds one, was so by a clock that was ahead:
    /// it waits for it no longer.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn claim_audience(
        &self,
        tick: Timestamp,
        now: Timestamp,
        lease_until: Timestamp,
        token: Uuid,
        limit: i64,
    ) -> Result<Vec<AudienceClaim>, Error> {
        let rows = self
            .rows(
                "claim_audience",
                "-- claim_audience
                 with due as (
                     select s.agency_id, s.model_id, s.kind, m.name, m.fanvue_user_uuid,
                            m.connection_id, a.timezone,
                            c.account_uuid = m.fanvue_user_uuid as is_connected_account
                       from audience_streams s
                       join models m on m.agency_id = s.agency_id and m.id = s.model_id
                       join agencies a on a.id = s.agency_id
                       join fanvue_connections c
                         on c.agency_id = m.agency_id and c.id = m.connection_id
                      where s.parked_at is null and s.next_at <= $2 + interval '1 minute'
                        and (s.next_at <= $2 or s.as_of is not null)
                        and c.state = 'active' and m.fanvue_user_uuid is not null
                        and (s.kind <> 'profile' or c.account_uuid = m.fanvue_user_uuid)
                        and (s.tried_at is null or s.tried_at < $1
                             or s.tried_at > $2 + interval '1 minute')
                        and (s.lease_expires_at is null or s.lease_expires_at <= $2
                             or s.lease_expires_at > $2 + interval '5 minutes')
                        and (s.paused_until is null or s.paused_until <= $2)
                      order by s.tried_at nulls first, s.next_at, s.agency_id, s.model_id, s.kind
                      limit $5
                      for update of s skip locked
                 )
                 update audience_streams s
                    set lease_token = $4, lease_expires_at = $3, tried_at = $1
                   from due
                  where s.agency_id = due.agency_id and s.model_id = due.model_id
                    and s.kind = due.kind
                 returning s.*, due.name, due.fanvue_user_uuid, due.connection_id, due.timezone,
                           due.is_connected_account",
                &[
                    (&tick, Type::TIMESTAMPTZ),
                    (&now, Type::TIMESTAMPTZ),
                    (&lease_until, Type::TIMESTAMPTZ),
                    (&token, Type::UUID),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        rows.iter().map(claim).collect()
    }
}
