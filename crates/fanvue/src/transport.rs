//! The seam to the network: one HTTP message out, one back. Not here: what is asked, what an answer
//! means, and whether to ask again.

use std::{error, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::Error;

/// The largest response body that is read. A full page is about 30 KB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Sends one HTTP message and brings one back. `reqwest` in production, a fake platform in tests.
pub trait Transport: Send + Sync + 'static {
    /// One request, one response; no redirects, no retries.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

/// No response, or none that could be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct TransportError {
    /// What failed.
    pub kind: TransportErrorKind,
    /// Why, without the URL.
    #[source]
    pub source: Option<Box<dyn error::Error + Send + Sync>>,
}

/// What failed on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportErrorKind {
    /// No connection: the platform never saw the request.
    #[error("no connection")]
    Connect,
    /// The answer did not arrive in time. The platform may have acted on the request.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke before the end of the answer. The platform may have acted on the
    /// request.
    #[error("the answer broke off")]
    Body,
    /// The answer is larger than [`BODY_BYTES_MAX`].
    #[error("the answer is too large")]
    TooLarge,
}

impl TransportError {
    /// A failure whose cause is known.
    #[must_use]
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, source: Some(source.into()) }
    }
}

impl From<TransportErrorKind> for TransportError {
    fn from(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_connect() || error.is_builder() {
            TransportErrorKind::Connect
        } else if error.is_timeout() {
            TransportErrorKind::Timeout
        } else {
            TransportErrorKind::Body
        };
        Self::new(kind, error.without_url())
    }
}

/// How long one exchange may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// Until the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(15) }
    }
}

/// The real transport: HTTP/1.1 or HTTP/2, TLS by rustls with the bundled web roots. Plain `http`
/// works too, for the simulator on loopback. Proxies named in the environment are not used: only
/// configuration says where tokens are sent.
///
/// # Errors
/// When TLS could not be set up.
pub fn https_transport(timeouts: Timeouts) -> Result<Arc<dyn Transport>, Error> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .user_agent(concat!("heartbeat/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .build()
        .map_err(TransportError::from)?;
    Ok(Arc::new(Https { client }))
}

fn tls() -> Result<ClientConfig, TransportError> {
    let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TransportError::new(TransportErrorKind::Connect, error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

struct Https {
    client: reqwest::Client,
}

impl Https {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let mut response = self.client.execute(request.try_into()?).await?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            if BODY_BYTES_MAX - body.len() < chunk.len() {
                return Err(TransportErrorKind::TooLarge.into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl Transport for Https {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

#[cfg(test)]
mod tests;
