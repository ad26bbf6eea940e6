//! The trace that a request belongs to already, as its caller says (W3C Trace Context).

use http::HeaderMap;

/// A span of somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
    /// Whether the caller keeps the trace. If not, nobody could find ours in it.
    pub(super) is_sampled: bool,
}

/// The text of the one header `traceparent`.
pub(crate) fn given(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all("traceparent").iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    value.to_str().ok()
}

impl Parent {
    /// `version-trace-span-flags`; `None` for whatever else, which is then no reason to refuse anything.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = bytes::<1>(parts.next()?)?;
        let (trace, span) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
        let [flags] = bytes::<1>(parts.next()?)?;
        // A later version may have more parts, this one has not.
        let is_whole = version != [0] || parts.next().is_none();
        let is_valid = version != [0xff] && trace != [0; 16] && span != [0; 8];
        (is_whole && is_valid).then_some(Self { trace, span, is_sampled: flags & 1 == 1 })
    }
}

/// So many bytes in small hexadecimal digits.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_small = !text.bytes().any(|b| b.is_ascii_uppercase());
    (is_small && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_parent_is_read_and_what_is_none_is_passed_over() {
        let parent = Parent::parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!(
            (hex::encode(parent.trace), hex::encode(parent.span)),
            (TRACE.into(), SPAN.into())
        );
        assert!(parent.is_sampled);
        assert!(!Parent::parse(&format!("00-{TRACE}-{SPAN}-00")).unwrap().is_sampled);
        assert!(Parent::parse(&format!("01-{TRACE}-{SPAN}-01-more")).is_some());
        let zeros = "0".repeat(32);
        for bad in [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-{SPAN}-1"),
        ] {
            assert_eq!(Parent::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn two_parents_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(given(&headers), None);
        headers.append("traceparent", http::HeaderValue::from_static("a"));
        assert_eq!(given(&headers), Some("a"));
        headers.append("traceparent", http::HeaderValue::from_static("b"));
        assert_eq!(given(&headers), None);
    }
}
