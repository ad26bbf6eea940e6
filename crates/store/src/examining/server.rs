//! The server as a service meets it: its version, its clock, and the settings that matter to money.

use jiff::Timestamp;
use serde::Deserialize;

use super::Examiner;
use crate::Error;

/// The server and its settings, as a new session of the service has them.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Server {
    /// As `server_version_num`: 150018 is 15.18.
    pub version: i32,
    /// What its clock says.
    pub at: Option<Timestamp>,
    /// It follows another server and takes no write.
    pub is_standby: bool,
    /// Transactions begin as ones that only read.
    pub is_read_only: bool,
    /// What is committed is brought to the disk.
    pub is_flushed: bool,
    /// Pages are written whole after a checkpoint, so that a torn one can be mended.
    pub is_whole: bool,
    /// `synchronous_commit`.
    pub synchronous_commit: String,
    /// `statement_timeout` in milliseconds; 0 is none.
    pub statement_timeout_ms: i64,
    /// `transaction_timeout` in milliseconds, where the server knows it; 0 is none.
    pub transaction_timeout_ms: Option<i64>,
    /// A statement that the planner takes for a long one is compiled before it runs.
    pub is_compiling: bool,
    /// How text is stored.
    pub encoding: String,
    /// The most connections it takes, without those kept for administrators.
    pub connections_max: i64,
    /// How many there are.
    pub connections: i64,
    /// Transactions since the oldest row that is not frozen. At two thousand million it stops.
    pub transactions_unfrozen: i64,
    /// The port it listens at; `None` for a socket of this machine.
    pub port: Option<i32>,
    /// Tells this database of this server from every other one.
    pub identity: String,
    /// There is a history of migrations.
    pub has_history: bool,
}

const SERVER: &str = "-- examine_server
    select json_build_object(
        'version', current_setting('server_version_num')::int,
        'at', clock_timestamp(),
        'is_standby', pg_is_in_recovery(),
        'is_read_only', current_setting('default_transaction_read_only') = 'on',
        'is_flushed', current_setting('fsync') = 'on',
        'is_whole', current_setting('full_page_writes') = 'on',
        'synchronous_commit', current_setting('synchronous_commit'),
        -- This transaction has one of its own.
        'statement_timeout_ms', (
            select reset_val::int8 from pg_settings where name = 'statement_timeout'),
        'transaction_timeout_ms', (
            select reset_val::int8 from pg_settings where name = 'transaction_timeout'),
        'is_compiling', current_setting('jit') = 'on' and pg_jit_available(),
        'encoding', current_setting('server_encoding'),
        'connections_max', current_setting('max_connections')::int8
                           - current_setting('superuser_reserved_connections')::int8,
        -- Whoever may see nobody else's sessions may count them.
        'connections', (select coalesce(sum(numbackends), 0)::int8 from pg_stat_database),
        'transactions_unfrozen', (
            select age(datfrozenxid)::int8 from pg_database where datname = current_database()),
        'port', inet_server_port(),
        'identity', (
            select concat_ws(' ', d.oid, d.datname, pg_postmaster_start_time())
              from pg_database d where d.datname = current_database()),
        'has_history', to_regclass('supabase_migrations.schema_migrations') is not null)";

impl Examiner {
    /// The server and its settings.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn server(&self) -> Result<Server, Error> {
        self.told("examine_server", SERVER, &[]).await
    }
}
