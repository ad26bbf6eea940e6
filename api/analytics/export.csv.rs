//! The function `/api/analytics/export.csv`: see `app::Endpoint::Export`.
fn main() -> std::process::ExitCode {
    platform::serve(app::Endpoint::Export)
}
