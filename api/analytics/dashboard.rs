//! The function `/api/analytics/dashboard`: see `app::Endpoint::Dashboard`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Dashboard.function() })
}
