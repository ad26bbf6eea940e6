//! Running one endpoint as a function of a cloud platform. The only crate that names Vercel or
//! Lambda; a function file in `api/` is one call of [`serve`].
//!
//! The platform is chosen when building: feature `vercel` (the default of the root package, since
//! Vercel's builder can't pass features) or feature `lambda`; with both, Vercel. Neither knows what
//! an endpoint does, and no endpoint knows on which of them it runs.

mod guard;
#[cfg(any(feature = "vercel", feature = "lambda"))]
mod instance;
#[cfg(all(feature = "lambda", not(feature = "vercel")))]
mod lambda;
mod outgoing;
#[cfg(feature = "vercel")]
mod vercel;

use std::process::ExitCode;

pub use guard::{BODY_BYTES_MAX, Received, gathered, guarded, receive};
pub use outgoing::Outgoing;

/// Serves one endpoint until the platform ends the process. It is given as the code that answers it, so
/// that the binary holds no other's.
pub fn serve(function: app::Function) -> ExitCode {
    app::init_logging();
    // One thread: an instance mostly waits for Postgres and Fanvue, and starting a second thread
    // costs more than the process needs to be ready. Measured in docs/benchmarks.md.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(function)),
        Err(error) => Err(error.to_string()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            tracing::error!(reason, "the function ended");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "vercel")]
async fn run(function: app::Function) -> Result<(), String> {
    vercel::run(function).await
}

#[cfg(all(feature = "lambda", not(feature = "vercel")))]
async fn run(function: app::Function) -> Result<(), String> {
    lambda::run(function).await
}

#[cfg(not(any(feature = "vercel", feature = "lambda")))]
async fn run(_function: app::Function) -> Result<(), String> {
    Err("this binary was built without a platform: choose the feature vercel or lambda".to_owned())
}
