//! The function `/api/health`: see `app::Endpoint::Health`.
fn main() -> std::process::ExitCode {
    platform::serve(app::Endpoint::Health)
}
