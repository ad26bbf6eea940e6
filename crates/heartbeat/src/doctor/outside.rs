//! Whoever is asked over the network, each within a deadline: Fanvue, this deployment itself as others reach
//! it, Supabase's keys, Telegram. Addresses that hold a secret are never told.

mod fanvue;
mod site;

use std::{sync::Arc, time::Duration};

use ::fanvue::{AccessToken, Transport, Webhook};
use app::{Clock, Endpoint, Telegram, auth};
use bytes::Bytes;
use futures_util::future::join;
use http::{Response, StatusCode};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{Database, Environment, Told};

/// How long one answer is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What was heard over the network.
pub struct Outside {
    /// Fanvue.
    pub fanvue: Fanvue,
    /// What answers at `PUBLIC_URL`, where it is set.
    pub site: Option<Told<Site>>,
    /// How many usable keys `SUPABASE_JWKS_URL` has, where it is set.
    pub keys: Option<Told<usize>>,
    /// Whether Telegram takes bot and chat, where they are set.
    pub telegram: Option<Told<()>>,
}

/// Why Fanvue is no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers.
    Away(String),
    /// It does not take the version of the API that this build speaks.
    Version,
    /// Something answers that is not Fanvue's API, or that fails.
    Odd(String),
}

/// Fanvue as it was found.
pub struct Fanvue {
    /// Whether it answers as it should.
    pub reached: Result<(), Trouble>,
    /// How far its clock is ahead of ours, where it tells.
    pub ahead: Option<SignedDuration>,
    /// Whether it takes the app's credentials, where they are set; `Ok(false)` says that it does not.
    pub takes_app: Option<Told<bool>>,
    /// The accounts whose token it refuses although its time has not ended.
    pub refused: Vec<String>,
    /// The accounts about which it answers otherwise than it should, and how.
    pub failing: Vec<String>,
    /// Where it sends webhooks, as far as an account was told.
    pub webhooks: Option<Told<Vec<Webhook>>>,
}

/// What answers at `PUBLIC_URL`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// It sends callers to this host instead.
    pub leads_to: Option<String>,
    /// A deployment of Heartbeat answers.
    pub is_ours: bool,
    /// Its `CRON_SECRET` is another one.
    pub refuses_secret: bool,
    /// It was shown `CRON_SECRET`, and did not refuse it.
    pub takes_secret: bool,
    /// The version of the schema that the deployed build expects.
    pub expects: Option<String>,
}

impl Outside {
    /// Asks all of them.
    pub(super) async fn gather(
        environment: &Environment,
        database: &Database,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let config = &environment.config;
        let asking = Asking { transport: Arc::clone(&transport) };
        let others = async {
            let site = match &config.public_url {
                None => None,
                Some(url) => Some(match url.join(Endpoint::Health.path()) {
                    Ok(health) => asking.site(health.as_str(), config.cron_secret.as_ref()).await,
                    Err(_) => Err("it is no address".to_owned()),
                }),
            };
            let keys = match &config.users.jwks_url {
                None => None,
                Some(url) => Some(asking.keys(url.as_str()).await),
            };
            let telegram = match &config.telegram {
                None => None,
                Some(telegram) => Some(asking.telegram(telegram).await),
            };
            (site, keys, telegram)
        };
        let fanvue = Fanvue::gather(environment, database, transport, clock);
        let (fanvue, (site, keys, telegram)) = join(fanvue, others).await;
        Self { fanvue, site, keys, telegram }
    }
}

struct Asking {
    transport: Arc<dyn Transport>,
}

impl Asking {
    async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        bearer: Option<&SecretString>,
    ) -> Told<Response<Bytes>> {
        let mut request = http::Request::get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {}", bearer.expose_secret()));
        }
        let request = request.body(Bytes::new()).map_err(|_| "it has no address".to_owned())?;
        match tokio::time::timeout(ANSWER_MAX, self.transport.send(request)).await {
            Ok(answer) => answer.map_err(|error| error.kind.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    async fn keys(&self, url: &str) -> Told<usize> {
        let answer = self.get(url, &[], None).await?;
        match answer.status() {
            StatusCode::OK => Ok(auth::usable_keys(answer.body())),
            status => Err(format!("it answers {}", status.as_u16())),
        }
    }

    /// The bot, then its chat. Nothing is written there.
    async fn telegram(&self, telegram: &Telegram) -> Told<()> {
        let base = telegram.api_url.as_str().trim_end_matches('/');
        let token = telegram.bot_token.expose_secret();
        let chat = telegram.chat_id.replace('@', "%40");
        for (what, method) in
            [("the bot", "getMe".to_owned()), ("the chat", format!("getChat?chat_id={chat}"))]
        {
            let answer = self.get(&format!("{base}/bot{token}/{method}"), &[], None).await?;
            let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            if body["ok"] != true {
                return Err(format!("it refuses {what} ({})", answer.status().as_u16()));
            }
        }
        Ok(())
    }
}

/// A token of nobody, to hear what whoever has none is told.
fn nobody() -> AccessToken {
    AccessToken::new("heartbeat-doctor")
}
