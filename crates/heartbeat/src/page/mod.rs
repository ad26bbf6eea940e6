//! The dashboard's built files, as the local server gives them out. On Vercel they are static files
//! and nothing of this runs.
//!
//! It knows no figure and asks nobody: the page in the browser asks the endpoints.

mod building;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use app::http::Response;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    HeaderValue, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Method};
use tokio::sync::watch;

use crate::packing::{packed, takes_gzip};

/// The same as in `vercel.json`.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const WAITING_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
const WAITING: &str = include_str!("waiting.html");
const NOT_BUILT: &str = "The dashboard is not built yet. It needs Node 20.19 or newer, once: install \
    it and run <code>npm ci</code> and <code>npm run build</code> in the folder \
    <code>dashboard</code>, then reload.";

/// Whether there is something to give out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// What the folder holds.
    Settled,
    /// Being built: ask again in a moment.
    Building,
    /// It could not be built; standard error says why.
    Failed,
}

/// The page, wherever it stands.
#[derive(Debug)]
pub(crate) struct Page {
    /// `dashboard`, with the sources.
    sources: PathBuf,
    state: watch::Sender<State>,
}

impl Page {
    /// That of the repository this program was built in.
    pub(crate) fn of_repository() -> Self {
        Self::at(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dashboard"))
    }

    pub(crate) fn at(sources: PathBuf) -> Self {
        Self { sources, state: watch::Sender::new(State::Settled) }
    }

    fn dist(&self) -> PathBuf {
        self.sources.join("dist")
    }

    /// The answer to a request for a part of the page; `None` if it is for none.
    pub(crate) async fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Option<Response> {
        let file = file_of(path)?;
        if method != Method::GET && method != Method::HEAD {
            return None;
        }
        let state = *self.state.borrow();
        let place = self.dist().join(file);
        // Files of a page that is being built anew are neither old nor new.
        let read = match state {
            State::Building => None,
            _ => tokio::task::spawn_blocking(move || fs::read(place)).await.ok()?.ok(),
        };
        match read {
            Some(bytes) => given(file, bytes, headers).ok(),
            None if file == INDEX => Some(waiting(state)),
            None => None,
        }
    }
}

const INDEX: &str = "index.html";

/// Which built file a path asks for. The page's own addresses are all the one document.
fn file_of(path: &str) -> Option<&str> {
    let is_name = |name: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        !name.starts_with('.') && name.contains('.') && name.bytes().all(is_plain)
    };
    let file = path.strip_prefix('/')?;
    match file.split('/').collect::<Vec<_>>()[..] {
        ["" | "sync"] => Some(INDEX),
        ["creators", id] if !id.is_empty() => Some(INDEX),
        [INDEX] => None,
        [name] | ["assets", name] if is_name(name) => Some(file),
        _ => None,
    }
}

fn type_of(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn given(file: &str, bytes: Vec<u8>, asked: &HeaderMap) -> io::Result<Response> {
    let is_packed = file.ends_with("woff2");
    let packs = !is_packed && takes_gzip(asked);
    let bytes = if packs { packed(&bytes)? } else { bytes };
    let cache = if file.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = with_headers(
        bytes,
        &[
            (CONTENT_TYPE, type_of(file)),
            (CACHE_CONTROL, cache),
            (CONTENT_SECURITY_POLICY, POLICY),
            (VARY, "accept-encoding"),
        ],
    );
    if packs {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// In place of the page, while there is none.
fn waiting(state: State) -> Response {
    let (title, text) = match state {
        State::Building => ("The dashboard is being built", "It appears here in a moment."),
        State::Settled => ("Heartbeat", NOT_BUILT),
        State::Failed => (
            "The dashboard could not be built",
            "The output of <code>heartbeat dev</code> says why; it is tried again at its next start.",
        ),
    };
    let refresh = match state {
        State::Building => "\n    <meta http-equiv=\"refresh\" content=\"2\">",
        _ => "",
    };
    let html = WAITING.replace("{refresh}", refresh).replace("{title}", title);
    with_headers(
        html.replace("{text}", text).into_bytes(),
        &[
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, WAITING_POLICY),
        ],
    )
}

fn with_headers(bytes: Vec<u8>, headers: &[(HeaderName, &'static str)]) -> Response {
    let mut response = Response::new(Bytes::from(bytes).into());
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let all = response.headers_mut();
    all.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    all.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests;
