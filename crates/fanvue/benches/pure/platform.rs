//! The client with an answer that is there: everything that reading a page costs but the network.

use std::sync::Arc;

use bytes::Bytes;
use fanvue::{
    AccessToken, Client, CreatorUuid, EarningsAsk, EarningsPage, Endpoints, PAGE_SIZE, Reader,
    Routes, Transport, TransportError,
};
use futures_util::future::{BoxFuture, FutureExt};
use ledger::{Feed, Window};

use crate::{Failure, history::NOW};

/// Gives the same answer to whatever is asked.
struct Says(Bytes);

impl Transport for Says {
    fn send(
        &self,
        _request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut response = http::Response::new(self.0.clone());
        for (name, value) in [
            ("content-type", "application/json"),
            ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
            ("x-ratelimit-limit", "200"),
            ("x-ratelimit-remaining", "17"),
            ("x-ratelimit-reset", "1795262460"),
        ] {
            response.headers_mut().insert(name, http::HeaderValue::from_static(value));
        }
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// A platform whose next page is this one.
pub(crate) struct Platform {
    client: Client,
    token: AccessToken,
    reader: Reader,
    window: Window,
}

impl Platform {
    pub(crate) fn of(body: Bytes) -> Result<Self, Failure> {
        let endpoints = Endpoints {
            api_url: "https://api.example".parse()?,
            auth_url: "https://auth.example".parse()?,
        };
        let creator = CreatorUuid::new("3f2c8a1e-5b7d-4c60-9e1f-0a2b4c6d8e90");
        let creator = creator.ok_or("that is no creator's id")?;
        Ok(Self {
            client: Client::new(Arc::new(Says(body)), endpoints),
            token: AccessToken::new("a-token"),
            reader: Reader::Creator(creator),
            window: Window::new(jiff::Timestamp::UNIX_EPOCH, NOW)?,
        })
    }

    /// Asks for the page; none where it makes no sense.
    pub(crate) fn page(&self) -> Option<EarningsPage> {
        let ask = EarningsAsk {
            reader: &self.reader,
            feed: Feed::Earnings,
            routes: Routes::V1,
            window: self.window,
            cursor: None,
            size: PAGE_SIZE,
        };
        // Nothing is waited for: the answer is there.
        self.client.earnings_page(&self.token, &ask, NOW).now_or_never()?.result.ok()
    }
}
