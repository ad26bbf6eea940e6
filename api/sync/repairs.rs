//! The function `/api/sync/repairs`: see `app::Endpoint::Repairs`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::Repairs.function() })
}
