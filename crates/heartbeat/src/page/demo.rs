//! The session of `heartbeat dev`: whoever opens the page on this machine is signed in.
//!
//! There is nobody to protect a simulated agency from except other pages in the same browser: the
//! cookie is sent by this server's own page only, and only to its own address. Nothing of it exists
//! where the service serves a real agency.

use app::Endpoint;
use http::header::{AUTHORIZATION, COOKIE, HOST, HeaderValue, SET_COOKIE};
use http::{Method, Request};
use sha2::{Digest, Sha256};

use app::http::Response;

/// What a person who looks at the page may ask for.
const ASKED: [Endpoint; 5] = [
    Endpoint::Dashboard,
    Endpoint::Transactions,
    Endpoint::Export,
    Endpoint::Connections,
    Endpoint::Login,
];

/// A session that everybody on this machine has.
pub(crate) struct Demo {
    /// `name=value`; it outlives a restart, so that an open page goes on.
    cookie: String,
    hosts: [String; 2],
    bearer: HeaderValue,
}

impl Demo {
    /// `None` if the secret can't stand in a header.
    pub(crate) fn new(port: u16, secret: &str) -> Option<Self> {
        let digest = Sha256::digest(format!("demo session {secret}"));
        let value: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut bearer = HeaderValue::from_str(&format!("Bearer {secret}")).ok()?;
        bearer.set_sensitive(true);
        Some(Self {
            // Browsers tell hosts apart, but not ports.
            cookie: format!("heartbeat_demo_{port}={value}"),
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            bearer,
        })
    }

    /// Signs in whoever was given the page.
    pub(crate) fn begin(&self, response: &mut Response) {
        let cookie = format!("{}; Path=/; HttpOnly; SameSite=Strict", self.cookie);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
    }

    /// Lets a request of the page through as the operator's. One that brings a secret of its own is
    /// judged by that.
    pub(crate) fn admit<B>(&self, request: &mut Request<B>) {
        let is_asked = ASKED.iter().any(|endpoint| endpoint.path() == request.uri().path());
        let headers = request.headers();
        // A name that leads here from elsewhere is not ours.
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let is_ours = host.is_some_and(|host| self.hosts.iter().any(|own| own == host));
        let claims = headers.contains_key(AUTHORIZATION);
        if request.method() == Method::GET && is_asked && is_ours && !claims && self.knows(request)
        {
            request.headers_mut().insert(AUTHORIZATION, self.bearer.clone());
        }
    }

    fn knows<B>(&self, request: &Request<B>) -> bool {
        let values = request.headers().get_all(COOKIE).iter();
        let texts = values.filter_map(|value| value.to_str().ok());
        texts.flat_map(|text| text.split(';')).any(|pair| pair.trim() == self.cookie)
    }
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Demo(…)")
    }
}
