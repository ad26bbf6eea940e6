//! One endpoint under AWS Lambda, behind an HTTP API or a function URL.
//!
//! The adapter never returns an error: Lambda would retry the event. Nothing runs on after the
//! answer, since the sandbox is frozen then: what it leaves to do is done before, for two seconds. What
//! takes longer is frozen with the sandbox, and is the next tick's if it is not thawed in time. An HTTP
//! API takes whole answers only, so a body in pieces is gathered first, up to what it may have.

use std::{convert::Infallible, time::Duration};

use app::Endpoint;
use bytes::Bytes;
use lambda_http::{Body, Request, service_fn};

use crate::{guard::gathered, instance};

/// How long an answer waits for what it leaves to do.
const LEFT_MAX: Duration = Duration::from_secs(2);

pub(crate) async fn run(endpoint: Endpoint) -> Result<(), String> {
    let handler = move |request: Request| async move {
        let mut response = instance::answer(endpoint, request).await;
        if let Some(rest) = instance::left_to_do(&mut response) {
            // A task of its own, so that a panic in it doesn't take the answer away.
            let _ = tokio::time::timeout(LEFT_MAX, tokio::spawn(rest)).await;
        }
        Ok::<_, Infallible>(gathered(response).await.map(to_lambda))
    };
    lambda_http::run_concurrent(service_fn(handler)).await.map_err(|error| error.to_string())
}

/// Text as text; anything else travels as base64.
fn to_lambda(body: Bytes) -> Body {
    match String::from_utf8(body.into()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(error) => Body::Binary(error.into_bytes()),
    }
}
