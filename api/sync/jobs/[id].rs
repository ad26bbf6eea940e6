//! The function `/api/sync/jobs/{id}`: see `app::Endpoint::Job`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Job.function() })
}
