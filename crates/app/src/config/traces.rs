//! Where spans are sent.

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::{ConfigError, problem};
use crate::query::decode;

/// A collector of spans. Only where one is named anything is traced.
#[derive(Debug)]
pub struct Traces {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: where OTLP is taken over HTTP, without `v1/traces` behind it.
    pub endpoint: Url,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`, percent-encoded, several separated by commas. Marked as
    /// secrets, so they don't print.
    pub headers: HeaderMap,
    /// `OTEL_SERVICE_NAME`, `heartbeat` by default.
    pub service_name: String,
}

impl Traces {
    pub(super) fn read(
        get: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let endpoint = get("OTEL_EXPORTER_OTLP_ENDPOINT");
        let headers = get("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default();
        let service_name = get("OTEL_SERVICE_NAME").unwrap_or_else(|| "heartbeat".to_owned());
        if endpoint.is_none() {
            return Ok(None);
        }
        let endpoint = super::url("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "")?;
        let headers = parse(&headers).ok_or_else(|| {
            let text = "is not name=value, percent-encoded, several separated by commas";
            problem("OTEL_EXPORTER_OTLP_HEADERS", text)
        })?;
        Ok(Some(Self { endpoint, headers, service_name }))
    }

    /// The address that spans are posted to.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/v1/traces", self.endpoint.as_str().trim_end_matches('/'))
    }
}

/// The headers, each marked as a secret. `None` where one of them is none.
fn parse(text: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let name: HeaderName = name.trim().parse().ok()?;
        // Here, unlike in a form, a plus is a plus.
        let value = decode(&value.trim().replace('+', "%2B"))?;
        let mut value: HeaderValue = value.parse().ok()?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Option<Traces>, ConfigError> {
        let find = |name: &str| vars.iter().find(|(known, _)| *known == name);
        Traces::read(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn only_an_endpoint_turns_it_on_and_the_path_is_put_behind_it() {
        let others = [("OTEL_EXPORTER_OTLP_HEADERS", "a=b"), ("OTEL_SERVICE_NAME", "x")];
        assert!(read(&others).unwrap().is_none());
        for (given, address) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://otlp.example/otlp/", "https://otlp.example/otlp/v1/traces"),
        ] {
            let traces = read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", given)]).unwrap().unwrap();
            assert_eq!(
                (traces.address().as_str(), traces.service_name.as_str()),
                (address, "heartbeat")
            );
        }
    }

    #[test]
    fn headers_are_decoded_and_never_print() {
        let text = "authorization=Basic%20aHVudGVy+Mg==, x-team = one%2Ctwo,";
        let headers = parse(text).unwrap();
        assert_eq!(headers["authorization"], "Basic aHVudGVy+Mg==");
        assert_eq!(headers["x-team"], "one,two");
        assert!(!format!("{headers:?}").contains("aHVudGVy"), "{headers:?}");
        for bad in ["x", "=y", "a b=c", "a=%zz", "a=%0a"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
