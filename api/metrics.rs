//! The function `/api/metrics`: see `app::Endpoint::Metrics`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Metrics.function() })
}
