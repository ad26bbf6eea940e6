//! The session that Supabase's libraries keep in a browser's cookies: `sb-<project>-auth-token` holds it
//! whole, or `….0`, `….1` and so on hold its pieces. It is JSON, after `base64-` as base64url; the
//! access token is one of its members. It proves nothing by itself: the token is verified as any other.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::header::COOKIE;
use serde::Deserialize;

use crate::{
    http::{Problem, Request},
    query,
};

/// The longest session that is read, in bytes as sent.
const BYTES_MAX: usize = 32 * 1024;
/// The most pieces. Browsers' libraries cut at 3,180 bytes.
const CHUNKS_MAX: usize = 10;

#[derive(Deserialize)]
struct Session {
    access_token: String,
}

/// The access token of the one session that the request has; `None` without one.
///
/// # Errors
/// 401 for a session that is doubled or can't be read.
pub(super) fn access_token(request: &Request) -> Result<Option<String>, Problem> {
    let Some(text) = Pieces::of(request)?.join() else { return Ok(None) };
    if BYTES_MAX < text.len() {
        return refuse("is too long");
    }
    let read = || {
        let text = query::decode(&text.replace('+', "%2B"))?;
        let json = match text.strip_prefix("base64-") {
            Some(coded) => URL_SAFE_NO_PAD.decode(coded.trim_end_matches('=')).ok()?,
            None => text.into_bytes(),
        };
        serde_json::from_slice::<Session>(&json).ok()
    };
    match read() {
        Some(session) => Ok(Some(session.access_token)),
        None => refuse("can't be read"),
    }
}

fn refuse<T>(problem: &str) -> Result<T, Problem> {
    Err(Problem::unauthorized(format!("the session cookie {problem}: sign in again")))
}

/// What stands in the cookies of one project.
#[derive(Default)]
struct Pieces<'a> {
    project: Option<&'a str>,
    whole: Option<&'a str>,
    chunks: [Option<&'a str>; CHUNKS_MAX],
}

impl<'a> Pieces<'a> {
    fn of(request: &'a Request) -> Result<Self, Problem> {
        let mut pieces = Self::default();
        let headers = request.headers().get_all(COOKIE).iter();
        let headers = headers.filter_map(|value| value.to_str().ok());
        let pairs = headers.flat_map(|header| header.split(';'));
        for (name, value) in pairs.filter_map(|pair| pair.trim().split_once('=')) {
            let Some((project, chunk)) = place(name) else { continue };
            if *pieces.project.get_or_insert(project) != project {
                return refuse("is of two projects");
            }
            let slot = match chunk {
                None => Some(&mut pieces.whole),
                Some(index) => pieces.chunks.get_mut(index),
            };
            let Some(slot) = slot else { return refuse("is too long") };
            // Another host of the same site may have set one of the two.
            if slot.replace(value).is_some() {
                return refuse("is sent twice");
            }
        }
        Ok(pieces)
    }

    /// As the libraries read it: the whole one counts if it is not empty, else the pieces up to the first
    /// that is missing.
    fn join(&self) -> Option<String> {
        if let Some(whole) = self.whole.filter(|whole| !whole.is_empty()) {
            return Some(whole.to_owned());
        }
        let chunks = self.chunks.iter().map_while(|chunk| chunk.filter(|c| !c.is_empty()));
        let joined: String = chunks.collect();
        (!joined.is_empty()).then_some(joined)
    }
}

/// The project and the index of a piece, from a cookie's name; `None` for any other cookie.
fn place(name: &str) -> Option<(&str, Option<usize>)> {
    let rest = name.strip_prefix("sb-")?;
    if let Some(project) = rest.strip_suffix("-auth-token") {
        return Some((project, None));
    }
    let (rest, index) = rest.rsplit_once('.')?;
    let project = rest.strip_suffix("-auth-token")?;
    let is_index = index == "0" || !index.starts_with('0') && index.len() <= 4;
    let is_index = is_index && index.bytes().all(|b| b.is_ascii_digit());
    is_index.then(|| index.parse().ok()).flatten().map(|index| (project, Some(index)))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn read(headers: &[&str]) -> Result<Option<String>, String> {
        let mut request = http::Request::builder();
        for header in headers {
            request = request.header(COOKIE, *header);
        }
        let token = access_token(&request.body(Bytes::new()).unwrap());
        token.map_err(|problem| {
            assert_eq!(problem.status, 401);
            problem.detail
        })
    }

    fn coded(json: &str) -> String {
        format!("base64-{}", URL_SAFE_NO_PAD.encode(json))
    }

    const SESSION: &str = r#"{"access_token":"a.b.c","refresh_token":"r","user":{"name":"Ü"}}"#;

    #[test]
    fn a_session_is_read_whole_in_pieces_and_in_both_codings() {
        let (whole, token) = (coded(SESSION), Ok(Some("a.b.c".to_owned())));
        assert_eq!(read(&[&format!("x=1; sb-abc-auth-token={whole}; y=2")]), token);
        let (first, second) = whole.split_at(20);
        let pieces = format!("sb-abc-auth-token.1={second}; sb-abc-auth-token.0={first}");
        assert_eq!(read(&[&pieces]), token);
        let (one, two) =
            (format!("sb-a-auth-token.0={first}"), format!("sb-a-auth-token.1={second}"));
        assert_eq!(read(&[&one, &two]), token);
        let raw = "%7B%22access_token%22%3A%22a.b.c%22%2C%22x%22%3A%22+%22%7D";
        assert_eq!(read(&[&format!("sb-127-auth-token={raw}")]), token);
    }

    #[test]
    fn other_cookies_are_no_session() {
        for header in [
            "",
            "sb-abc-auth-token=",
            "sb-abc-auth-token-code-verifier=base64-x",
            "sb-abc-auth-token-user=base64-x",
            "sb-abc-auth-token.00=base64-x",
            "sb-abc-auth-token.x=base64-x",
            "sb-abc-auth-token.1=base64-x",
            "xsb-abc-auth-token=base64-x",
            "SB-abc-auth-token=base64-x",
            "sb-auth-token=base64-x",
        ] {
            assert_eq!(read(&[header]), Ok(None), "{header}");
        }
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn what_is_doubled_cut_or_too_long_is_refused() {
        let whole = coded(SESSION);
        let cut = &whole[..whole.len() - 9];
        let doubled = r#"{"access_token":"a.b.c","access_token":"d.e.f"}"#;
        for (header, word) in [
            (format!("sb-a-auth-token={whole}; sb-a-auth-token={whole}"), "twice"),
            (format!("sb-a-auth-token.0={whole}; sb-a-auth-token.0={whole}"), "twice"),
            (format!("sb-a-auth-token={whole}; sb-b-auth-token={whole}"), "two projects"),
            (format!("sb-a-auth-token={cut}"), "can't be read"),
            (format!("sb-a-auth-token.0={cut}; sb-a-auth-token.2=x"), "can't be read"),
            ("sb-a-auth-token=base64-!!".to_owned(), "can't be read"),
            ("sb-a-auth-token=%7B%2".to_owned(), "can't be read"),
            (format!("sb-a-auth-token={}", coded(doubled)), "can't be read"),
            (format!("sb-a-auth-token={}", coded("[\"a.b.c\"]x")), "can't be read"),
            (format!("sb-a-auth-token.9=x; sb-a-auth-token.10={whole}"), "too long"),
            (format!("sb-a-auth-token={}", "x".repeat(BYTES_MAX + 1)), "too long"),
        ] {
            let refused = read(&[&header]).unwrap_err();
            assert!(refused.contains(word), "{refused}");
            assert!(!refused.contains("base64"), "{refused}");
        }
    }
}
