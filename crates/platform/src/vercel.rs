//! One endpoint under Vercel's runtime.
//!
//! The adapter never returns an error: the runtime would send its text, unescaped, to the client.

use app::Endpoint;
use vercel_runtime::{Request, service_fn};

use crate::instance;

pub(crate) async fn run(endpoint: Endpoint) -> Result<(), String> {
    let handler = move |request: Request| instance::answer(endpoint, request);
    vercel_runtime::run(service_fn(handler)).await.map_err(|error| error.to_string())
}
