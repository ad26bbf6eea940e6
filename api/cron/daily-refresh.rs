//! The function `/api/cron/daily-refresh`: see `app::Endpoint::DailyRefresh`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::DailyRefresh.function() })
}
