//! The function `/api/cron/check-late-shifts`: see `app::Endpoint::CheckLateShifts`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::CheckLateShifts.function() })
}
