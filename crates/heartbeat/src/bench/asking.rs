//! One question to the dashboard in this process, as the platform hands it to `app`.

use std::time::Duration;

use app::{Ctx, Endpoint};
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, ETAG},
};

use crate::{Failure, wall};

/// What was answered, and how long it took inside the server.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) tag: Option<HeaderValue>,
    pub(super) took: Duration,
}

/// Asks. Anything but an answer and "not modified" is a failure.
pub(super) async fn ask(
    ctx: &Ctx,
    (bearer, query): (&str, &str),
    header: Option<(HeaderName, HeaderValue)>,
) -> Result<Answered, Failure> {
    let uri = format!("{}?{query}", Endpoint::Dashboard.path());
    let mut request = http::Request::get(&uri).header(AUTHORIZATION, format!("Bearer {bearer}"));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::new());
    let request = request.map_err(Failure::while_doing("the request can't be written"))?;
    let began = wall::instant();
    let response = app::answer(ctx, Endpoint::Dashboard, request).await;
    let took = began.elapsed();
    match response.status() {
        status @ (StatusCode::OK | StatusCode::NOT_MODIFIED) => {
            Ok(Answered { status, tag: response.headers().get(ETAG).cloned(), took })
        }
        status => Err(Failure::new(format!("{uri} was answered {status}"))),
    }
}
