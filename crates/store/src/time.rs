//! The database's clock, for whoever can't rely on that of the machine.

use jiff::Timestamp;

use crate::{Error, Store};

impl Store {
    /// What time it is by the database's clock.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] without an answer.
    pub async fn read_database_time(&self) -> Result<Timestamp, Error> {
        let sql = "-- read_database_time\n select clock_timestamp() as told_at";
        let rows = self.rows("read_database_time", sql, &[]).await?;
        let told_at = rows.first().map(|row| row.get("told_at"));
        told_at.ok_or(Error::Inconsistent { table: "pg_catalog", column: "clock_timestamp" })
    }
}
