//! What the targets share: a platform that gives one answer, and futures that never wait.

use std::{
    collections::HashMap,
    future::{Future, ready},
    pin::{Pin, pin},
    sync::{Arc, LazyLock, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use fanvue::{Client, Endpoints, Transport, TransportError};
use http::{Request, Response, StatusCode, Uri, header::RETRY_AFTER};
use serde_json::value::RawValue;

static ENDPOINTS: LazyLock<Endpoints> = LazyLock::new(|| Endpoints {
    api_url: "https://api.example".parse().unwrap(),
    auth_url: "https://auth.example".parse().unwrap(),
});

/// The outcome of a future that never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// A platform that answers the same, whatever it is asked.
#[derive(Debug)]
pub struct Platform {
    status: StatusCode,
    retry_after: Option<http::HeaderValue>,
    body: Bytes,
    asked: Mutex<Option<Uri>>,
}

impl Platform {
    /// One that says this.
    pub fn says(status: u16, body: &[u8]) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            body: Bytes::copy_from_slice(body),
            asked: Mutex::default(),
        }
    }

    /// The same, and when to come again; nothing of it where no header can carry that.
    pub fn after(self, when: &[u8]) -> Self {
        Self { retry_after: http::HeaderValue::from_bytes(when).ok(), ..self }
    }

    /// A client of it, and itself.
    pub fn client(self) -> (Client, Arc<Self>) {
        let platform = Arc::new(self);
        (Client::new(platform.clone(), ENDPOINTS.clone()), platform)
    }

    /// What it was asked last.
    pub fn asked(&self) -> Option<Uri> {
        self.asked.lock().unwrap().take()
    }
}

impl Transport for Platform {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + '_>> {
        *self.asked.lock().unwrap() = Some(request.into_parts().0.uri);
        let mut response = Response::new(self.body.clone());
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.retry_after.clone().map(|when| (RETRY_AFTER, when)));
        Box::pin(ready(Ok(response)))
    }
}

/// The status in the first line, 200 where that is none, and all behind it.
pub fn with_status(data: &[u8]) -> (u16, &[u8]) {
    let (line, rest) = first_line(data);
    let status = std::str::from_utf8(line).ok().and_then(|text| text.trim().parse().ok());
    (status.filter(|status| (200..=599).contains(status)).unwrap_or(200), rest)
}

/// Everything before the first line break, and everything after it.
pub fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = data.splitn(2, |&byte| byte == b'\n');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The members of a JSON object, read in another way than the code under test does; none of what is no object.
pub fn members(text: &str) -> HashMap<String, &RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The elements under `data` of an object.
pub fn elements<'a>(members: &HashMap<String, &'a RawValue>) -> Vec<&'a RawValue> {
    let data = members.get("data").map(|value| value.get());
    data.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Whether it can be shown on one line and kept: a name of a person or thing.
pub fn is_name(name: &str) -> bool {
    (1..=200).contains(&name.chars().count()) && !name.contains(char::is_control)
}
