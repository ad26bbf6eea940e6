//! The client: one question, one request, one answer. Not here: retries, budgets, tokens' storage.

mod audience;

use std::sync::Arc;

use bytes::Bytes;
use http::header;
use jiff::Timestamp;
use ledger::{Cents, Window};
use tracing::{
    Instrument,
    field::{self, Empty},
};
use url::Url;

use crate::{
    AccessToken, Account, AgencyAsk, AgencyEarningsPage, AgencyMark, Answer, AppCredentials,
    CreatorsPage, EarningsAsk, EarningsPage, Endpoints, Error, Grant, Limits, NewWebhook, Reader,
    RefreshToken, Routes, TokenError, Transport, TransportError, WebhookAsk, WebhookId, Webhooks,
    convert, date,
    envelope::{self, Asked},
    request, token,
};

/// The platform, as one account of it sees it. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    endpoints: Arc<Endpoints>,
}

impl Client {
    /// A client that speaks to these endpoints over that transport.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, endpoints: Endpoints) -> Self {
        Self { transport, endpoints: Arc::new(endpoints) }
    }

    /// Where this client believes the platform to be.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// One page of earnings rows. `now` tells rows from the future, and so does the platform's clock:
    /// what is past by either is none, for ours may be wrong.
    pub async fn earnings_page(
        &self,
        token: &AccessToken,
        ask: &EarningsAsk<'_>,
        now: Timestamp,
    ) -> Answer<EarningsPage> {
        let asked = Asked { with_cursor: ask.cursor.is_some(), ..Asked::with(token) };
        let heard = self.get(&self.endpoints.earnings(ask), &asked).await;
        let now = heard.at.map_or(now, |at| at.max(now));
        heard.parse(|text| convert::earnings_page(text, ask.feed, now))
    }

    /// What was sold in all, without reversals: no figure to compare rows with, for it may be minutes old.
    /// `window` is of no consequence to it.
    pub async fn sold_in_all(
        &self,
        token: &AccessToken,
        routes: Routes,
        reader: &Reader,
        window: Window,
    ) -> Answer<Cents> {
        let url = self.endpoints.earnings_summary(routes, reader, window);
        self.get(&url, &Asked::with(token)).await.parse(convert::sold_in_all)
    }

    /// One page of the creators that the token's agency manages, from 1.
    pub async fn creators_page(
        &self,
        token: &AccessToken,
        routes: Routes,
        page: u32,
    ) -> Answer<CreatorsPage> {
        let heard = self.get(&self.endpoints.creators(routes, page), &Asked::with(token)).await;
        heard.parse(convert::creators_page)
    }

    /// The account that the token belongs to.
    pub async fn me(&self, token: &AccessToken, routes: Routes) -> Answer<Account> {
        self.get(&self.endpoints.me(routes), &Asked::with(token)).await.parse(convert::account)
    }

    /// One page of an agency's totals by creator and day, in whichever style of paging it answers.
    pub async fn agency_earnings_page(
        &self,
        token: &AccessToken,
        routes: Routes,
        ask: &AgencyAsk<'_>,
    ) -> Answer<AgencyEarningsPage> {
        let with_cursor = matches!(ask.mark, Some(AgencyMark::Cursor(_)));
        let asked = Asked { with_cursor, ..Asked::with(token) };
        let heard = self.get(&self.endpoints.agency_earnings(routes, ask), &asked).await;
        heard.parse(|text| convert::agency_earnings_page(text, ask.mark))
    }

    /// Registers a webhook. Its secret is told only in this answer: store it before anything else. Not
    /// to be repeated like a question: after an error that leaves open whether it was registered, look
    /// for it with [`Client::webhooks`] and delete it, for its secret is lost.
    pub async fn register_webhook(
        &self,
        token: &AccessToken,
        ask: &WebhookAsk<'_>,
    ) -> Answer<NewWebhook> {
        let asked = Asked { is_registration: true, ..Asked::with(token) };
        let url = self.endpoints.webhooks(ask.routes);
        let heard = self.send(&url, request::post(&url, token, ask.body()), &asked).await;
        heard.parse(convert::new_webhook)
    }

    /// The webhooks that this app registered for the token's account.
    pub async fn webhooks(&self, token: &AccessToken, routes: Routes) -> Answer<Webhooks> {
        let heard = self.get(&self.endpoints.webhooks(routes), &Asked::with(token)).await;
        heard.parse(convert::webhooks)
    }

    /// Ends a webhook. There is no way to change one: delete it, and register another.
    pub async fn delete_webhook(
        &self,
        token: &AccessToken,
        routes: Routes,
        id: &WebhookId,
    ) -> Answer<()> {
        let url = self.endpoints.webhook(routes, id);
        let heard = self.send(&url, request::delete(&url, token), &Asked::with(token)).await;
        heard.map(drop)
    }

    /// Spends a refresh token on a new pair. Store the pair before anything else: the old token is
    /// good for about 30 seconds more, and its later use revokes every token of the connection.
    ///
    /// # Errors
    /// [`TokenError`] says which choice is left.
    pub async fn refresh(
        &self,
        app: &AppCredentials,
        refresh_token: &RefreshToken,
    ) -> Result<Grant, TokenError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
        self.grant(app, &fields).await
    }

    /// Spends an authorization code on a first pair. `redirect_uri` and the verifier must be those
    /// of the authorization.
    ///
    /// # Errors
    /// [`TokenError`] says which choice is left.
    pub async fn exchange_code(
        &self,
        app: &AppCredentials,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<Grant, TokenError> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        self.grant(app, &fields).await
    }

    async fn grant(
        &self,
        app: &AppCredentials,
        fields: &[(&str, &str)],
    ) -> Result<Grant, TokenError> {
        let url = self.endpoints.token();
        let request = token::request(&url, app, fields)?;
        let response = self.traced(&url, request).await?;
        tracing::debug!(http.status = response.status().as_u16(), "token endpoint answered");
        token::grant(&response)
    }

    async fn get(&self, url: &Url, asked: &Asked<'_>) -> Answer<Reply> {
        self.send(url, request::get(url, asked.token), asked).await
    }

    async fn send(
        &self,
        url: &Url,
        request: Result<http::Request<Bytes>, Error>,
        asked: &Asked<'_>,
    ) -> Answer<Reply> {
        let request = match request {
            Ok(request) => request,
            Err(error) => return Answer { result: Err(error), limits: None, at: None },
        };
        let response = match self.traced(url, request).await {
            Ok(response) => response,
            Err(source) => return Answer { result: Err(source.into()), limits: None, at: None },
        };
        let status = response.status();
        tracing::debug!(http.path = url.path(), http.status = status.as_u16(), "platform answered");
        let limits = Limits::from_headers(response.headers());
        let at = date::of_answer(response.headers());
        let result = if status.is_success() {
            Ok(Reply::of(response))
        } else {
            Err(envelope::error(status, response.headers(), response.body(), asked))
        };
        Answer { result, limits, at }
    }
}

impl Client {
    /// One exchange, as a span of `heartbeat::traces` where somebody collects those: its path, which names
    /// nobody but a creator, and never a query, a header or a body.
    async fn traced(
        &self,
        url: &Url,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let span = tracing::debug_span!(
            target: "heartbeat::traces",
            "fanvue",
            http.request.method = request.method().as_str(),
            server.address = url.host_str(),
            url.path = url.path(),
            http.response.status_code = Empty,
            error.type = Empty,
        );
        let answer = self.transport.send(request).instrument(span.clone()).await;
        match &answer {
            Ok(response) => {
                let status = response.status();
                span.record("http.response.status_code", status.as_u16());
                if !status.is_success() {
                    span.record("error.type", status.as_str());
                }
            }
            Err(error) => {
                span.record("error.type", field::display(error.kind));
            }
        }
        answer
    }
}

/// The body of a successful response, and enough to describe it without quoting it.
struct Reply {
    content_type: String,
    body: Bytes,
}

impl Reply {
    fn of(response: http::Response<Bytes>) -> Self {
        Self { content_type: content_type(&response), body: response.into_body() }
    }
}

impl Answer<Reply> {
    fn parse<T>(self, parse: impl FnOnce(&str) -> Result<T, &'static str>) -> Answer<T> {
        let result = self.result.and_then(|reply| {
            // A byte that is no UTF-8 costs at most the row it stands in, not the page.
            let text = String::from_utf8_lossy(&reply.body);
            parse(&text).map_err(|problem| Error::Decode {
                problem: problem_of(problem, &reply.content_type, reply.body.len()),
            })
        });
        Answer { result, limits: self.limits, at: self.at }
    }
}

/// The content type, fit for printing.
pub(crate) fn content_type(response: &http::Response<Bytes>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    envelope::clean(value.unwrap_or("none"), "").chars().take(60).collect()
}

/// A description of a body that makes no sense, without a word of it.
pub(crate) fn problem_of(problem: &str, content_type: &str, bytes: usize) -> String {
    format!("{problem} (content type {content_type}, {bytes} bytes)")
}

#[cfg(test)]
mod tests;
