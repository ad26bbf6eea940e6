//! The function `/api/auth/fanvue/connections`: see `app::Endpoint::Connections`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Connections.function() })
}
