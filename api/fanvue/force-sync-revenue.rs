//! The function `/api/fanvue/force-sync-revenue`: see `app::Endpoint::ForceSync`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::ForceSync.function() })
}
