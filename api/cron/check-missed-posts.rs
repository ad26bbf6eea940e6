//! The function `/api/cron/check-missed-posts`: see `app::Endpoint::CheckMissedPosts`.
fn main() -> std::process::ExitCode {
    platform::serve(const { app::Endpoint::CheckMissedPosts.function() })
}
