//! The function `/api/health`: see `app::Endpoint::Health`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Health.function() })
}
