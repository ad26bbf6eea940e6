//! The function `/api/auth/fanvue/refresh`: see `app::Endpoint::Refresh`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Refresh.function() })
}
