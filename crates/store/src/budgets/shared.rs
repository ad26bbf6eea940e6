//! Whether creators draw from one bucket, and what that is learnt from.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{Bucket, Error, Store};

impl Store {
    /// How many requests of the bucket's window were taken by all of us, also meanwhile; `None` when
    /// its window ends at neither of those instants, so that it is another one.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn requests_taken(
        &self,
        bucket: &Bucket,
        window_ends: (Timestamp, Timestamp),
    ) -> Result<Option<i32>, Error> {
        let rows = self
            .rows(
                "requests_taken",
                "-- requests_taken
                 select request_limit - remaining as taken from rate_budgets
                  where agency_id = $1 and connection_id = $2 and bucket = $3
                    and window_ends_at in ($4, $5)",
                &[
                    (&bucket.agency.0, Type::UUID),
                    (&bucket.connection.0, Type::UUID),
                    (&bucket.name, Type::TEXT),
                    (&window_ends.0, Type::TIMESTAMPTZ),
                    (&window_ends.1, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        Ok(rows.first().map(|row| row.get("taken")))
    }

    /// Writes down whether the connection's creators draw from one bucket.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_bucket_shared(&self, bucket: &Bucket, shared: bool) -> Result<(), Error> {
        self.change(
            "set_bucket_shared",
            "-- set_bucket_shared
             update fanvue_connections set bucket_shared = $3
              where agency_id = $1 and id = $2 and bucket_shared is distinct from $3",
            &[
                (&bucket.agency.0, Type::UUID),
                (&bucket.connection.0, Type::UUID),
                (&shared, Type::BOOL),
            ],
        )
        .await
        .map(|_| ())
    }
}
