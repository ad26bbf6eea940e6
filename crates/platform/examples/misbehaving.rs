//! A function that misbehaves as its query asks. All around its answer is as in every other function, so that
//! tests see on a whole process what a panic costs, and work that outlasts the answer.

use std::{
    future::pending,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

use app::{
    Endpoint,
    http::{AfterAnswer, Body, Request, Response},
};
use bytes::Bytes;

/// Whether what the answer left to do breaks; else it never ends.
static BREAKS: AtomicBool = AtomicBool::new(false);

fn main() -> ExitCode {
    platform::serve(
        const {
            Endpoint::Health.function().answered_by(
                |_, request| Box::pin(async { Ok(answer(request)) }),
                |_| Box::pin(left()),
            )
        },
    )
}

fn answer(request: &Request) -> Response {
    let asked = request.uri().query().unwrap_or_default();
    assert_ne!(asked, "panic", "as it was asked to");
    BREAKS.store(asked == "leave-panic", Ordering::Relaxed);
    let mut response = Response::new(Body::from(Bytes::from_static(b"{}")));
    if asked.starts_with("leave") {
        response.extensions_mut().insert(AfterAnswer::Jobs);
    }
    response
}

async fn left() {
    assert!(!BREAKS.load(Ordering::Relaxed), "as it was asked to");
    pending().await
}
