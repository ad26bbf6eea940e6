//! Users: which agency each belongs to, and in which role.

use jiff::Timestamp;
use ledger::AgencyId;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Agency, Error, Reader, Tx, agencies::agency};

/// A user, by the id that Supabase gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId(pub Uuid);

/// What a user's profile says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The user's agency.
    pub agency: Agency,
    /// The role in it, as an administrator spelt it.
    pub role: String,
}

impl Reader {
    /// The profile of the user who asks; `None` for one who belongs to no agency.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_own_profile(&self) -> Result<Option<Profile>, Error> {
        let rows = self
            .rows(
                "find_own_profile",
                "-- find_own_profile
                 select p.role, a.id, a.name, a.timezone, a.currency, a.revision
                   from profiles p join agencies a on a.id = p.agency_id
                  where p.id = (select auth.uid())",
                &[],
            )
            .await?;
        Ok(rows.first().map(|row| Profile { agency: agency(row), role: row.get("role") }))
    }
}

impl Tx {
    /// Gives a user a place in an agency, whatever place they had before.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn put_profile(
        &self,
        UserId(user): UserId,
        agency: AgencyId,
        role: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "put_profile",
            "-- put_profile
             insert into profiles (id, agency_id, role, created_at, updated_at)
             values ($1, $2, $3, $4, $4)
             on conflict (id) do update
                set agency_id = excluded.agency_id, role = excluded.role,
                    updated_at = excluded.updated_at",
            &[
                (&user, Type::UUID),
                (&agency.0, Type::UUID),
                (&role, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
