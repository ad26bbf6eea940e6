//! The function `/api/auth/fanvue/connections`: see `app::Endpoint::Connections`.
fn main() -> std::process::ExitCode {
    platform::serve(app::Endpoint::Connections)
}
