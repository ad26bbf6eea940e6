//! The local HTTP server: every endpoint on one port, and the dashboard's page at `/`.
//!
//! It gives `app` what a platform would: whole requests with a bounded body, an answer even for a
//! panic, and answers packed on their way. It decides nothing about a request except whether it is
//! one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use app::http::{AfterAnswer, Problem, RequestId, Response, finish};
use app::{Ctx, Entropy, SystemEntropy};
use http::{HeaderValue, Request, StatusCode, header::DATE};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::fmt::rfc2822::DateTimePrinter;
use platform::{Outgoing, Received};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::dev::Demo;
use crate::page::Page;
use crate::{packing, wall};

/// Covers slow headers and idle connections alike.
const HEADERS_MAX: Duration = Duration::from_secs(30);
/// A body of the largest size must come within this time.
const BODY_MAX: Duration = Duration::from_secs(60);
const CONNECTIONS_MAX: usize = 1_024;
/// How long answers in progress may take once we were told to stop.
const FAREWELL: Duration = Duration::from_millis(1_000);
/// How long an exchange of tokens may take then: what it costs to lose one, only a person can mend.
const EXCHANGES: Duration = Duration::from_secs(40);

/// What is served.
pub(crate) struct Site {
    /// The endpoints.
    pub(crate) ctx: Arc<Ctx>,
    /// What a person sees.
    pub(crate) page: Arc<Page>,
    /// Signs in whoever opens it, for a demonstration only.
    pub(crate) demo: Option<Demo>,
}

/// Listens on the loopback address; port 0 picks a free one.
pub(crate) async fn listen(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until `stop` says so, then lets answers in progress finish for a moment, and exchanges of
/// tokens for longer.
pub(crate) async fn serve(listener: TcpListener, site: Site, mut stop: watch::Receiver<bool>) {
    let site = Arc::new(site);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        // A connection that broke before we had it says nothing about the next.
        let Some((stream, place)) = accepted else { continue };
        let (site, stop) = (Arc::clone(&site), stop.clone());
        connections.spawn(async move {
            converse(stream, site, stop).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(FAREWELL, all).await;
    let _ = tokio::time::timeout(EXCHANGES, app::maintenance::finish_exchanges(&site.ctx)).await;
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            // Out of file descriptors, most likely: don't spin.
            wall::pause_until(wall::now() + Duration::from_millis(50)).await;
            None
        }
    }
}

async fn converse(stream: TcpStream, site: Arc<Site>, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move {
            let mut response = respond(&site, request).await;
            date(&site, &mut response);
            Ok::<_, std::convert::Infallible>(response.map(Outgoing::from))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Says when it was answered, by the clock that figures are as of: a demonstration lets time pass, and a page
/// counts ages from here.
fn date(site: &Site, response: &mut Response) {
    let now = DateTimePrinter::new().timestamp_to_rfc9110_string(&site.ctx.clock.now());
    if let Some(now) = now.ok().and_then(|now| HeaderValue::try_from(now).ok()) {
        response.headers_mut().insert(DATE, now);
    }
}

async fn respond(site: &Site, request: Request<Incoming>) -> Response {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if let Some(response) = site.demo.as_ref().and_then(|demo| demo.answer(method, uri, headers)) {
        return response;
    }
    if let Some(mut response) = site.page.answer(method, uri.path(), headers).await {
        if let Some(demo) = &site.demo {
            demo.begin(headers, &mut response).await;
        }
        return response;
    }
    let id = RequestId::of(&request, SystemEntropy.uuid());
    let takes_gzip = packing::takes_gzip(headers);
    let Ok(received) = tokio::time::timeout(BODY_MAX, platform::receive(request)).await else {
        return finish(Err(too_slow()), &id);
    };
    match received {
        Ok(Received { request, id }) => {
            let ctx = Arc::clone(&site.ctx);
            let answering = Arc::clone(&ctx);
            let answer = async move { app::route(&answering, request).await };
            let mut response = platform::guarded(&id, answer).await;
            let left = response.extensions_mut().remove::<AfterAnswer>();
            if left.is_some() || app::traces::is_on() {
                tokio::spawn(async move {
                    if let Some(left) = left {
                        app::finish_up(&ctx, left).await;
                    }
                    app::traces::export().await;
                });
            }
            packing::pack(response, takes_gzip)
        }
        Err(refusal) => refusal,
    }
}

fn too_slow() -> Problem {
    let detail = format!("the request did not arrive within {} seconds", BODY_MAX.as_secs());
    let (status, title) = (StatusCode::REQUEST_TIMEOUT, "The request took too long");
    Problem::new(status, "request_timeout", title, detail)
}

#[cfg(test)]
mod tests;
