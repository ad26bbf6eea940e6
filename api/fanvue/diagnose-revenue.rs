//! The function `/api/fanvue/diagnose-revenue`: see `app::Endpoint::Diagnose`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Diagnose.function() })
}
