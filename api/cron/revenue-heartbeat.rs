//! The function `/api/cron/revenue-heartbeat`: see `app::Endpoint::RevenueHeartbeat`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::RevenueHeartbeat.function() })
}
