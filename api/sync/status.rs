//! The function `/api/sync/status`: see `app::Endpoint::Status`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Status.function() })
}
