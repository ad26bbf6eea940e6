//! One endpoint under Vercel's runtime.
//!
//! The adapter never returns an error: the runtime would send its text, unescaped, to the client.

use app::Endpoint;
use vercel_runtime::{AppState, Request, service_fn};

use crate::instance;

pub(crate) async fn run(endpoint: Endpoint) -> Result<(), String> {
    let handler = move |request: Request, state: AppState| async move {
        let mut response = instance::answer(endpoint, request).await;
        if let Some(rest) = instance::left_to_do(&mut response) {
            state.wait_until(rest);
        }
        response
    };
    vercel_runtime::run(service_fn(handler)).await.map_err(|error| error.to_string())
}
