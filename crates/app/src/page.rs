//! The few answers that a person reads in a browser during a login: one small page without scripts.

use bytes::Bytes;
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};

use crate::http::Response;

/// Where a page leads.
pub(crate) struct Link<'a> {
    pub(crate) to: &'a str,
    pub(crate) text: &'a str,
}

/// A page with a heading and paragraphs of plain text.
#[must_use]
pub(crate) fn page(status: StatusCode, heading: &str, paragraphs: &[String]) -> Response {
    page_with(status, heading, paragraphs, &Link { to: "/", text: "Go to the dashboard" })
}

/// The same, leading elsewhere.
#[must_use]
pub(crate) fn page_with(
    status: StatusCode,
    heading: &str,
    paragraphs: &[String],
    link: &Link<'_>,
) -> Response {
    let (to, go) = (escape(link.to), escape(link.text));
    let text: String = paragraphs.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    let heading = escape(heading);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{heading}</title>\n\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;\
         padding:0 1rem;color-scheme:light dark}}</style>\n\
         <main><h1>{heading}</h1>\n{text}<p><a href=\"{to}\">{go}</a></p></main>\n</html>\n"
    );
    let mut response = Response::new(Bytes::from(html).into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    private(&mut response);
    response
}

/// Nobody keeps the answer: it or its address holds secrets.
pub(crate) fn private(response: &mut Response) {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn text_stays_text() {
        let response = page(StatusCode::OK, "a<b", &["<script>alert('&')</script>".into()]);
        let html = response.into_body().gather(usize::MAX).await.unwrap();
        let html = std::str::from_utf8(&html).unwrap();
        assert!(html.contains("<h1>a&lt;b</h1>") && !html.contains("<script"), "{html}");
        assert!(html.contains("alert(&#39;&amp;&#39;)"), "{html}");
    }

    #[tokio::test]
    async fn an_address_stays_in_its_link() {
        let link = Link { to: "https://x/\"><b>?a=1&b=2", text: "Go" };
        let response = page_with(StatusCode::OK, "a", &[], &link);
        let html = response.into_body().gather(usize::MAX).await.unwrap();
        let html = std::str::from_utf8(&html).unwrap();
        assert!(
            html.contains("<a href=\"https://x/&quot;&gt;&lt;b&gt;?a=1&amp;b=2\">Go</a>"),
            "{html}"
        );
    }
}
