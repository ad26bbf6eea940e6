//! Whether creators draw from one bucket.

use tokio_postgres::types::Type;

use crate::{Bucket, Error, Store};

impl Store {
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
