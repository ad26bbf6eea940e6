//! The function `/api/auth/fanvue/disconnect`: see `app::Endpoint::Disconnect`.
fn main() -> std::process::ExitCode {
    platform::serve(app::Endpoint::Disconnect)
}
