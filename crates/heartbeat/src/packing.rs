//! Answers with gzip, for whoever takes it: what the edge of a platform does, by the local server.
//!
//! Events are let be: each is sent when it happens, and is shorter than what would wrap it.

use std::io::{self, Write};

use app::http::{Body, BrokenOff, Pieces, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, stream};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, VARY};
use http::{HeaderMap, StatusCode};

/// A whole answer of so many bytes or fewer is one packet either way.
const BYTES_LET_BE: usize = 1_024;

/// Whether whoever asks takes gzip: it is named, and not with a weight of zero.
pub(crate) fn takes_gzip(asked: &HeaderMap) -> bool {
    let values = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|text| text.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let counts = |weight: &str| !weight.trim_matches(['0', '.']).is_empty();
        name.trim().eq_ignore_ascii_case("gzip")
            && weight.trim().strip_prefix("q=").is_none_or(counts)
    })
}

/// The bytes as a file of gzip.
pub(crate) fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

/// The answer, packed where that is worth it and `takes_gzip`. Its tag is a weak one then: the same
/// figures, other bytes.
pub(crate) fn pack(response: Response, takes_gzip: bool) -> Response {
    let (mut head, body) = response.into_parts();
    let kind = head.headers.get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    let is_text = kind.starts_with(b"application/json") || kind.starts_with(b"text/csv");
    let stands_for_it = head.status == StatusCode::NOT_MODIFIED;
    if is_text || stands_for_it {
        head.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    let (body, is_packed) = match body {
        Body::Whole(bytes) if takes_gzip && is_text && BYTES_LET_BE < bytes.len() => {
            match packed(&bytes) {
                Ok(fewer) => (Body::Whole(fewer.into()), true),
                Err(_) => (Body::Whole(bytes), false),
            }
        }
        Body::Pieces(pieces) if takes_gzip && is_text => (Body::Pieces(one_by_one(pieces)), true),
        body => (body, false),
    };
    if is_packed {
        head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if is_packed || (takes_gzip && stands_for_it) {
        weaken(&mut head.headers);
    }
    Response::from_parts(head, body)
}

fn weaken(headers: &mut HeaderMap) {
    let strong = headers.get(ETAG).map(HeaderValue::as_bytes).filter(|tag| tag.starts_with(b"\""));
    let weak = strong.and_then(|tag| HeaderValue::from_bytes(&[&b"W/"[..], tag].concat()).ok());
    if let Some(weak) = weak {
        headers.insert(ETAG, weak);
    }
}

/// Each piece is packed when it comes and sent then. What broke off has no end when packed, either.
fn one_by_one(pieces: Pieces) -> Pieces {
    let packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = stream::try_unfold(Some((pieces, packer)), |state| async move {
        let Some((mut pieces, mut packer)) = state else { return Ok(None) };
        let Some(piece) = pieces.next().await.transpose()? else {
            let end = packer.finish().map_err(|_| BrokenOff)?;
            return Ok(Some((Bytes::from(end), None)));
        };
        packer.write_all(&piece).and_then(|()| packer.flush()).map_err(|_| BrokenOff)?;
        let bytes = Bytes::from(std::mem::take(packer.get_mut()));
        Ok::<_, BrokenOff>(Some((bytes, Some((pieces, packer)))))
    });
    packed.boxed()
}

#[cfg(test)]
mod tests;
