//! The function `/api/analytics/live`: see `app::Endpoint::Live`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Live.function() })
}
