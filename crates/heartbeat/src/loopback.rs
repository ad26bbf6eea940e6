//! One HTTP GET to a server on this machine, as a schedule of the platform would send it.
//!
//! Not a client for the world: no TLS, no redirects, no retries. That one is `fanvue::transport`.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A little more than the longest a function may run.
const ANSWER_MAX: Duration = Duration::from_secs(310);
const BYTES_MAX: usize = 16 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("no connection")]
    Connect(#[source] std::io::Error),
    #[error("the request can't be written")]
    Request(#[source] http::Error),
    #[error("the answer broke off")]
    Http(#[source] hyper::Error),
    #[error("the answer can't be read")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("no answer within {} s", ANSWER_MAX.as_secs())]
    Slow,
}

/// Requests `path` with these headers; gives the status and the body.
pub(crate) async fn get(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<(StatusCode, Bytes), Error> {
    let mut request = Request::get(path).header("host", server.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::new()).map_err(Error::Request)?;
    match tokio::time::timeout(ANSWER_MAX, exchange(server, request)).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::Slow),
    }
}

async fn exchange(
    server: SocketAddr,
    request: Request<Empty<Bytes>>,
) -> Result<(StatusCode, Bytes), Error> {
    let stream = TcpStream::connect(server).await.map_err(Error::Connect)?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(Error::Http)?;
    let asking = async {
        let response = sender.send_request(request).await.map_err(Error::Http)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), BYTES_MAX).collect().await;
        Ok((status, body.map_err(Error::Body)?.to_bytes()))
    };
    tokio::pin!(connection, asking);
    tokio::select! {
        answer = &mut asking => answer,
        ended = &mut connection => match ended {
            // The last of the answer may still be on its way to us.
            Ok(()) => asking.await,
            Err(error) => Err(Error::Http(error)),
        },
    }
}
