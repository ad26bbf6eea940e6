//! The function `/api/auth/fanvue/callback`: see `app::Endpoint::Callback`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Callback.function() })
}
