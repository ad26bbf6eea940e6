//! The function `/api/cron/check-late-shifts`: see `app::Endpoint::CheckLateShifts`.
fn main() -> std::process::ExitCode {
    platform::serve(app::Endpoint::CheckLateShifts)
}
