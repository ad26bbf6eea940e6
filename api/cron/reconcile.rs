//! The function `/api/cron/reconcile`: see `app::Endpoint::Reconcile`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Reconcile.function() })
}
