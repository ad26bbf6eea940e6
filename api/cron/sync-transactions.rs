//! The function `/api/cron/sync-transactions`: see `app::Endpoint::SyncTransactions`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::SyncTransactions.function() })
}
