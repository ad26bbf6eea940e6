//! The function `/api/auth/fanvue/disconnect`: see `app::Endpoint::Disconnect`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Disconnect.function() })
}
