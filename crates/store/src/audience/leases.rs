//! The ends of a turn in the queue of audiences.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{AudienceLease, Error, Failure, Store};

impl Store {
    /// Keeps a lease until then; `false` when it is no longer ours.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn renew_audience(
        &self,
        lease: &AudienceLease,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let set = "lease_expires_at = $5";
        match self.leave(lease, "renew_audience", set, until).await {
            Ok(()) => Ok(true),
            Err(Error::Lost { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives a lease back; the stream is due again at that instant. Nothing was read completely.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn release_audience(
        &self,
        lease: &AudienceLease,
        next_at: Timestamp,
    ) -> Result<(), Error> {
        let set = "next_at = $5, lease_token = null, lease_expires_at = null";
        self.leave(lease, "release_audience", set, next_at).await
    }

    /// Gives a lease back until the platform may be asked again. Waiting is no failure.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn pause_audience(
        &self,
        lease: &AudienceLease,
        until: Timestamp,
    ) -> Result<(), Error> {
        let set = "paused_until = $5, lease_token = null, lease_expires_at = null";
        self.leave(lease, "pause_audience", set, until).await
    }

    async fn leave(
        &self,
        lease: &AudienceLease,
        statement: &'static str,
        set: &'static str,
        at: Timestamp,
    ) -> Result<(), Error> {
        let sql = format!(
            "-- {statement}
             update audience_streams set {set}
              where agency_id = $1 and model_id = $2 and kind = $3 and lease_token = $4"
        );
        let changed = self
            .change(
                statement,
                &sql,
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.kind.as_str(), Type::TEXT),
                    (&lease.token, Type::UUID),
                    (&at, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    /// Writes down a failed attempt and gives the lease back: whether the stream is set aside by it. It touches
    /// no value and no as-of time.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn fail_audience(
        &self,
        lease: &AudienceLease,
        failure: Failure<'_>,
    ) -> Result<bool, Error> {
        let statement = "fail_audience";
        let rows = self
            .rows(
                statement,
                "-- fail_audience
                 update audience_streams
                    set attempts = attempts + 1, last_error = $5, last_error_at = $6, next_at = $7,
                        refusals = refusals + case when $8 is null then 0 else 1 end,
                        parked_at = case when refusals + 1 >= $8 then $6 end,
                        lease_token = null, lease_expires_at = null
                  where agency_id = $1 and model_id = $2 and kind = $3 and lease_token = $4
                 returning parked_at is not null as is_parked",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.kind.as_str(), Type::TEXT),
                    (&lease.token, Type::UUID),
                    (&failure.reason, Type::TEXT),
                    (&failure.now, Type::TIMESTAMPTZ),
                    (&failure.next_sync_at, Type::TIMESTAMPTZ),
                    (&failure.refusals_max, Type::INT4),
                ],
            )
            .await?;
        rows.first().map(|row| row.get("is_parked")).ok_or(Error::Lost { statement })
    }
}
