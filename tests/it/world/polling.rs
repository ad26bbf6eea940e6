//! A dashboard that polls with the validator of the answer it holds, and is never told that nothing
//! changed when the answer would be another one.

use app::{Ctx, Endpoint};
use bytes::Bytes;
use http::{
    HeaderValue, Response,
    header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
};

use super::SECRET;

/// How often a dashboard asks again while somebody writes.
const LOOKS_MAX: u32 = 20;

/// What a question was answered with last, and how often it was asked.
#[derive(Debug, Default)]
pub struct Poller {
    held: Option<(HeaderValue, Bytes)>,
    pub polls: u64,
    /// Polls that were answered 304.
    pub unchanged: u64,
}

impl Poller {
    /// The answer that is held.
    pub fn held(&self) -> Option<&Bytes> {
        self.held.as_ref().map(|(_, body)| body)
    }

    /// Asks with what is held, and compares with what the books say at the same instant.
    pub async fn poll(&mut self, ctx: &Ctx, query: &str) -> Result<(), String> {
        let held = self.held.as_ref().map(|(tag, _)| tag);
        let mut told = ask(ctx, query, held).await;
        let mut problem = self.judge(&told, &read(ctx, query).await);
        for _ in 0..LOOKS_MAX {
            if problem.is_ok() {
                break;
            }
            // Somebody may have written between the two: asked again between two reads of the same.
            let before = read(ctx, query).await;
            told = ask(ctx, query, held).await;
            let after = read(ctx, query).await;
            problem = self.judge(&told, &after);
            if before.body() == after.body() {
                break;
            }
        }
        problem.map_err(|problem| format!("{query} {problem}"))?;
        self.polls += 1;
        self.unchanged += u64::from(told.status() == 304);
        if told.status() == 200 {
            self.held = Some((told.headers()[ETAG].clone(), told.into_body()));
        }
        Ok(())
    }

    fn judge(&self, told: &Response<Bytes>, read: &Response<Bytes>) -> Result<(), String> {
        let shown = match (told.status().as_u16(), &self.held) {
            (304, None) => return Err("is answered 304, and nothing is held".into()),
            (304, Some(_)) if !told.body().is_empty() => return Err("has a 304 with a body".into()),
            (304, Some((_, body))) => body,
            (status, _) if status != read.status().as_u16() => {
                return Err(format!("is answered {status}, and else {}", read.status()));
            }
            _ => told.body(),
        };
        if read.status() != 200 || shown == read.body() {
            return Ok(());
        }
        let text = String::from_utf8_lossy;
        let (status, shown, read) = (told.status(), text(shown), text(read.body()));
        Err(format!("is answered {status}, which is {shown}, and the books say {read}"))
    }
}

/// The dashboard's answer to whoever holds the answer of that validator.
pub async fn ask(ctx: &Ctx, query: &str, held: Option<&HeaderValue>) -> Response<Bytes> {
    send(ctx, query, held.map(|tag| (IF_NONE_MATCH, tag.clone()))).await
}

/// The answer as the books say it, whatever was answered before.
pub async fn read(ctx: &Ctx, query: &str) -> Response<Bytes> {
    send(ctx, query, Some((CACHE_CONTROL, HeaderValue::from_static("no-cache")))).await
}

async fn send(
    ctx: &Ctx,
    query: &str,
    header: Option<(http::HeaderName, HeaderValue)>,
) -> Response<Bytes> {
    let uri = format!("{}?{query}", Endpoint::Dashboard.path());
    let mut request = http::Request::get(uri).header("authorization", format!("Bearer {SECRET}"));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    super::route(ctx, request.body(Bytes::new()).unwrap()).await
}
