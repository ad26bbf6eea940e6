//! The function `/api/sync/jobs`: see `app::Endpoint::Jobs`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Jobs.function() })
}
