//! The function `/api/analytics/transactions`: see `app::Endpoint::Transactions`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Transactions.function() })
}
