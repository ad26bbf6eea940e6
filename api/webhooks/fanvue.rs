//! The function `/api/webhooks/fanvue`: see `app::Endpoint::Webhooks`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Webhooks.function() })
}
