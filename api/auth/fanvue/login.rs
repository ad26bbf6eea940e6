//! The function `/api/auth/fanvue/login`: see `app::Endpoint::Login`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Login.function() })
}
