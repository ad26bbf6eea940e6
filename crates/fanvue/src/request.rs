//! Questions as HTTP messages: paths, parameters, headers. Not the sending, not the answers.

mod audience;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use jiff::Timestamp;
use ledger::{Cursor, Feed, Window};
use url::{Url, form_urlencoded};

use crate::{
    AccessToken, AgencyMark, CreatorUuid, Error, TransportError, TransportErrorKind, WebhookId,
};

pub use self::audience::{ChangesAsk, PeopleAsk, PeopleList};

/// The API version that every request names.
pub const API_VERSION: &str = "2025-06-26";

/// Rows asked for in one page: the most the platform gives. Its default is 20, so it is always sent.
pub const PAGE_SIZE: u8 = 50;

/// The most creators that one question about an agency's earnings may name.
pub const CREATORS_PER_ASK_MAX: usize = 50;

/// Where the platform lives. A trailing slash is tolerated.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// The API, such as `https://api.fanvue.com`.
    pub api_url: Url,
    /// The authorization server, such as `https://auth.fanvue.com`.
    pub auth_url: Url,
}

/// Which generation of paths to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routes {
    /// Paths that begin with `/v1`.
    #[default]
    V1,
    /// The older paths without a prefix.
    Unprefixed,
}

impl Routes {
    fn prefix(self) -> &'static str {
        match self {
            Self::V1 => "/v1",
            Self::Unprefixed => "",
        }
    }
}

/// Whose earnings, and through which endpoint. The two are never substituted for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The account that the token belongs to, by the personal endpoint.
    Own,
    /// Another creator of the agency, by the endpoint that names the creator.
    Creator(CreatorUuid),
}

/// One page of earnings rows, please.
#[derive(Clone, Copy, Debug)]
pub struct EarningsAsk<'a> {
    /// Whose.
    pub reader: &'a Reader,
    /// From which list. The reversals are listed apart only for the account itself.
    pub feed: Feed,
    /// Under which paths.
    pub routes: Routes,
    /// From when to when.
    pub window: Window,
    /// Where the page before ended; `None` for the first.
    pub cursor: Option<&'a Cursor>,
    /// Rows at most, normally [`PAGE_SIZE`].
    pub size: u8,
}

/// One page of an agency's totals by creator and day, please.
#[derive(Clone, Copy, Debug)]
pub struct AgencyAsk<'a> {
    /// From when to when.
    pub window: Window,
    /// Of which creators, at most [`CREATORS_PER_ASK_MAX`]; all when empty.
    pub creators: &'a [CreatorUuid],
    /// Where the page before ended; `None` for the first.
    pub mark: Option<&'a AgencyMark>,
}

/// Deliver these events there, please.
#[derive(Clone, Copy, Debug)]
pub struct WebhookAsk<'a> {
    /// Under which paths.
    pub routes: Routes,
    /// Where to: public and `https`, without redirects.
    pub url: &'a Url,
    /// The topics. One whose scope the connection lacks makes the platform refuse them all.
    pub events: &'a [&'a str],
}

impl WebhookAsk<'_> {
    pub(crate) fn body(&self) -> Bytes {
        let body = serde_json::json!({ "url": self.url.as_str(), "events": self.events });
        Bytes::from(body.to_string())
    }
}

impl Endpoints {
    pub(crate) fn earnings(&self, ask: &EarningsAsk<'_>) -> Url {
        let list = match ask.feed {
            Feed::Earnings => "earnings",
            Feed::Reversals => "spending",
        };
        let path = match ask.reader {
            Reader::Own => format!("/insights/{list}"),
            Reader::Creator(uuid) => format!("/creators/{uuid}/insights/{list}"),
        };
        let mut url = self.api(ask.routes, &path);
        add_window(&mut url, ask.window);
        url.query_pairs_mut().append_pair("size", &ask.size.to_string());
        if let Some(cursor) = ask.cursor {
            url.query_pairs_mut().append_pair("cursor", cursor.as_str());
        }
        url
    }

    /// What was sold in all is told whatever span is asked for, and the platform fails at spans of years: so a
    /// short one is.
    pub(crate) fn earnings_summary(&self, routes: Routes, reader: &Reader, window: Window) -> Url {
        let path = match reader {
            Reader::Own => "/insights/earnings/summary".to_owned(),
            Reader::Creator(uuid) => format!("/creators/{uuid}/insights/earnings/summary"),
        };
        let mut url = self.api(routes, &path);
        add_window(&mut url, window);
        url
    }

    pub(crate) fn creators(&self, routes: Routes, page: u32) -> Url {
        let mut url = self.api(routes, "/creators");
        url.query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("size", &PAGE_SIZE.to_string());
        url
    }

    pub(crate) fn me(&self, routes: Routes) -> Url {
        self.api(routes, "/users/me")
    }

    pub(crate) fn agency_earnings(&self, routes: Routes, ask: &AgencyAsk<'_>) -> Url {
        let mut url = self.api(routes, "/agencies/earnings");
        add_window(&mut url, ask.window);
        url.query_pairs_mut().append_pair("size", &PAGE_SIZE.to_string());
        if !ask.creators.is_empty() {
            let uuids: Vec<_> = ask.creators.iter().map(CreatorUuid::as_str).collect();
            url.query_pairs_mut().append_pair("creatorUuids", &uuids.join(","));
        }
        let (name, value) = match ask.mark {
            None => ("page", "1".to_owned()),
            Some(AgencyMark::Page(page)) => ("page", page.to_string()),
            Some(AgencyMark::Cursor(cursor)) => ("cursor", cursor.as_str().to_owned()),
        };
        url.query_pairs_mut().append_pair(name, &value);
        url
    }

    pub(crate) fn webhooks(&self, routes: Routes) -> Url {
        self.api(routes, "/webhooks/subscriptions")
    }

    pub(crate) fn webhook(&self, routes: Routes, id: &WebhookId) -> Url {
        let segment: String = form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
        self.api(routes, &format!("/webhooks/subscriptions/{segment}"))
    }

    pub(crate) fn token(&self) -> Url {
        at(&self.auth_url, "/oauth2/token")
    }

    pub(crate) fn authorize(&self) -> Url {
        at(&self.auth_url, "/oauth2/auth")
    }

    fn api(&self, routes: Routes, path: &str) -> Url {
        at(&self.api_url, &format!("{}{path}", routes.prefix()))
    }
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Dates alone are refused by the platform; it wants instants. Rows are known to the millisecond, so
/// an end inside a millisecond must still include that millisecond.
fn add_window(url: &mut Url, window: Window) {
    let start = window.start().as_millisecond();
    let end = window.end().as_millisecond();
    let end = if window.end().subsec_nanosecond() % 1_000_000 == 0 { end } else { end + 1 };
    url.query_pairs_mut()
        .append_pair("startDate", &instant(start, window.start()))
        .append_pair("endDate", &instant(end, window.end()));
}

/// `2026-09-04T10:00:00.123Z`.
fn instant(millisecond: i64, fallback: Timestamp) -> String {
    format!("{:.3}", Timestamp::from_millisecond(millisecond).unwrap_or(fallback))
}

pub(crate) fn get(url: &Url, token: &AccessToken) -> Result<Request<Bytes>, Error> {
    message(Method::GET, url, token, None)
}

pub(crate) fn delete(url: &Url, token: &AccessToken) -> Result<Request<Bytes>, Error> {
    message(Method::DELETE, url, token, None)
}

pub(crate) fn post(url: &Url, token: &AccessToken, json: Bytes) -> Result<Request<Bytes>, Error> {
    message(Method::POST, url, token, Some(json))
}

/// A message with the three headers that every API request carries.
fn message(
    method: Method,
    url: &Url,
    token: &AccessToken,
    json: Option<Bytes>,
) -> Result<Request<Bytes>, Error> {
    // A token that no header can carry is no token: the way out is the same, a refresh.
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        .map_err(|_| Error::Unauthorized)?;
    bearer.set_sensitive(true);
    let mut request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(header::AUTHORIZATION, bearer)
        .header(header::ACCEPT, "application/json")
        .header("x-fanvue-api-version", API_VERSION);
    if json.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    Ok(request.body(json.unwrap_or_default()).map_err(unsendable)?)
}

/// The URL is configured such that no request can be made of it.
pub(crate) fn unsendable(error: http::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, error)
}

#[cfg(test)]
mod tests;
