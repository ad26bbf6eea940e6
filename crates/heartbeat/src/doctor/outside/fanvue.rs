//! Fanvue: does it answer, is its time ours, does it take our app and the tokens we hold, and where does it
//! send webhooks. A few requests, and no token is refreshed.

use std::sync::{Arc, Mutex, PoisonError};

use app::{Binding, Clock, Config, TokenKind};
use bytes::Bytes;
use fanvue::{
    AccessToken, Client, Endpoints, Error, RefreshToken, Routes, TokenError, Transport,
    TransportError, Webhook,
};
use futures_util::future::BoxFuture;
use http::{Request, Response, header::DATE};
use jiff::{SignedDuration, fmt::rfc2822};
use store::AccountFacts;

use super::{ANSWER_MAX, Fanvue, Trouble, nobody};
use crate::doctor::{Database, Environment, Told};

/// Accounts whose token is tried.
const TRIED_MAX: usize = 5;

impl Fanvue {
    pub(super) async fn gather(
        environment: &Environment,
        database: &Database,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let config = &environment.config;
        let listening =
            Arc::new(Listening { transport, clock: Arc::clone(&clock), ahead: Mutex::default() });
        let endpoints = Endpoints {
            api_url: config.fanvue_api_url.clone(),
            auth_url: config.fanvue_auth_url.clone(),
        };
        let client = Client::new(Arc::clone(&listening) as Arc<dyn Transport>, endpoints);
        let reached = reached(&client).await;
        let ahead = *listening.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let takes_app = takes_app(&client, config).await;
        let (refused, failing) = (vec![], vec![]);
        let mut found = Self { reached, ahead, takes_app, refused, failing, webhooks: None };
        if found.reached.is_err() {
            return found;
        }
        let accounts = database.accounts.as_deref().unwrap_or_default();
        let now = clock.now();
        let usable = accounts.iter().filter(|one| one.is_active && one.expires_at > now);
        for account in usable.take(TRIED_MAX) {
            let Some(token) = opened(config, account) else { continue };
            found.try_account(&client, account, &token).await;
        }
        found
    }

    async fn try_account(&mut self, client: &Client, account: &AccountFacts, token: &AccessToken) {
        let is_older = account.routes == "unprefixed";
        let routes = if is_older { Routes::Unprefixed } else { Routes::V1 };
        match in_time(client.me(token, routes)).await.map(|answer| answer.result) {
            Some(Err(Error::Unauthorized)) => self.refused.push(account.name.clone()),
            // Too many questions are asked at the moment: that says nothing of the account.
            Some(Err(Error::Throttled { .. })) => {}
            Some(Err(error)) => self.failing.push(format!("{}: {}", account.name, odd(&error))),
            None => self.failing.push(format!("{}: no answer in time", account.name)),
            // All accounts belong to one app: one of them is told of all that it registered.
            Some(Ok(_)) => {
                if self.webhooks.is_none() {
                    self.webhooks = Some(webhooks(client, token, routes).await);
                }
            }
        }
    }
}

/// Asked with nobody's token, a platform that works refuses it, on one generation of paths or on the other.
async fn reached(client: &Client) -> Result<(), Trouble> {
    for routes in [Routes::V1, Routes::Unprefixed] {
        let Some(answer) = in_time(client.me(&nobody(), routes)).await else {
            return Err(Trouble::Away("no answer in time".to_owned()));
        };
        match answer.result {
            // Older paths have no /v1.
            Err(Error::NotFound { .. } | Error::Foreign { status: 404 }) => {}
            Err(Error::Unauthorized | Error::Throttled { .. }) => return Ok(()),
            Err(Error::Transport { source }) => return Err(Trouble::Away(source.kind.to_string())),
            Err(Error::VersionRefused { .. }) => return Err(Trouble::Version),
            Err(error) => return Err(Trouble::Odd(odd(&error))),
            Ok(_) => return Err(Trouble::Odd("it takes any token".to_owned())),
        }
    }
    Err(Trouble::Odd("there is no API of Fanvue's at that address (404)".to_owned()))
}

/// What a platform that works does not answer, without a word of whoever did.
fn odd(error: &Error) -> String {
    match error {
        Error::Server { status } => format!("it fails ({status})"),
        Error::Foreign { status } => format!("something on the way answers for it ({status})"),
        Error::Forbidden { .. } => "it forbids the question (403)".to_owned(),
        Error::NotFound { .. } => "it does not know the path (404)".to_owned(),
        Error::Refused { status, .. } => format!("it refuses the question ({status})"),
        Error::Transport { source } => source.kind.to_string(),
        Error::VersionRefused { .. } => "it refuses the version of the API".to_owned(),
        _ => "it does not speak as Fanvue".to_owned(),
    }
}

/// Whether the credentials are the app's: a refresh token of nobody is refused otherwise than a client.
async fn takes_app(client: &Client, config: &Config) -> Option<Told<bool>> {
    let app = config.fanvue_app.as_ref()?;
    let token = RefreshToken::new("heartbeat-doctor");
    Some(match in_time(client.refresh(app, &token)).await {
        Some(Err(TokenError::InvalidClient)) => Ok(false),
        Some(Ok(_) | Err(TokenError::InvalidGrant | TokenError::InvalidScope)) => Ok(true),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("no answer in time".to_owned()),
    })
}

async fn webhooks(client: &Client, token: &AccessToken, routes: Routes) -> Told<Vec<Webhook>> {
    match in_time(client.webhooks(token, routes)).await.map(|answer| answer.result) {
        Some(Ok(told)) => Ok(told.webhooks),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("no answer in time".to_owned()),
    }
}

fn opened(config: &Config, account: &AccountFacts) -> Option<AccessToken> {
    let binding =
        Binding { agency: account.agency, connection: account.id, kind: TokenKind::Access };
    let token = config.token_keys.open(account.access_sealed.as_deref()?, binding).ok()?;
    Some(AccessToken::new(token))
}

async fn in_time<T>(answer: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(ANSWER_MAX, answer).await.ok()
}

/// Hears what time it is where the answers come from.
struct Listening {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    ahead: Mutex<Option<SignedDuration>>,
}

impl Transport for Listening {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let answer = self.transport.send(request).await?;
            // Told when the answer left, in whole seconds.
            let told = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
            if let Some(at) = told.and_then(|date| rfc2822::parse(date).ok()) {
                let ahead = at.timestamp().duration_since(self.clock.now());
                *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
            }
            Ok(answer)
        })
    }
}
