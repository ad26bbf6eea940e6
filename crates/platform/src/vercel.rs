//! One endpoint under Vercel's runtime, which can send a body piece by piece.
//!
//! The adapter never returns an error: the runtime would send its text, unescaped, to the client.

use app::Function;
use http_body_util::BodyExt;
use vercel_runtime::{AppState, Request, ResponseBody, service_fn};

use crate::{instance, outgoing::Outgoing};

pub(crate) async fn run(function: Function) -> Result<(), String> {
    let handler = move |request: Request, state: AppState| async move {
        let mut response = instance::answer(function, request).await;
        // What was traced is sent last of all that an invocation does, and the instance may be frozen then.
        if app::traces::is_on() {
            state.wait_until(app::traces::export());
        }
        if let Some(rest) = instance::left_to_do(function, &mut response) {
            state.wait_until(then_export(rest));
        }
        let mut response = response.map(Outgoing::from);
        // The runtime reports the end of the invocation once the handler has returned, unless
        // something is awaited: a body that is still being read is.
        if let Some(sent) = response.body_mut().until_sent() {
            state.wait_until(then_export(sent));
        }
        response.map(|body| ResponseBody(body.map_err(Into::into).boxed()))
    };
    vercel_runtime::run(service_fn(handler)).await.map_err(|error| error.to_string())
}

/// What is done after an answer, and then what was traced of it.
async fn then_export(work: impl Future<Output = ()>) {
    work.await;
    app::traces::export().await;
}
