//! The function `/api/analytics/export.csv`: see `app::Endpoint::Export`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Export.function() })
}
