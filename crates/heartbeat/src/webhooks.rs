//! `heartbeat webhooks`: where Fanvue sends them, and events that wait for a person.

use std::io::Write;

use app::{
    Config, Ctx, Error,
    http::chain,
    webhooks::{
        Replayed, replay,
        subscribing::{self, Subscription, accounts, endpoint_url, subscribe},
    },
};
use secrecy::ExposeSecret;

use crate::{Failure, cli::WebhooksAction};

/// Events that `list` shows.
const SHOWN_MAX: i64 = 100;

pub(crate) async fn run(action: WebhooksAction) -> Result<(), Failure> {
    let unusable = "the configuration is unusable";
    let config = Config::from_env().map_err(Failure::while_doing(unusable))?;
    let ctx = Ctx::new(config).map_err(Failure::while_doing(unusable))?;
    match action {
        WebhooksAction::List => list(&ctx).await,
        WebhooksAction::Register { again } => register(&ctx, again).await,
        WebhooksAction::Replay { keys, all } => {
            let asked = (!all).then_some(&keys[..]);
            let replayed = replay(&ctx, asked).await;
            let replayed = replayed.map_err(Failure::while_doing("not all events were tried"))?;
            tell_replayed(asked.unwrap_or_default(), &replayed)
        }
    }
}

async fn list(ctx: &Ctx) -> Result<(), Failure> {
    let unread = "the events can't be listed";
    let (new, waiting) =
        ctx.store.count_open_events().await.map_err(Failure::while_doing(unread))?;
    let events = ctx.store.list_quarantined(None, SHOWN_MAX).await;
    say(format!("{new} events not understood yet, {waiting} wait for a person"))?;
    for event in events.map_err(Failure::while_doing(unread))? {
        let topic = event.topic.as_deref().unwrap_or("no topic");
        say(format!("  {}  {topic}  {}", event.received_at, event.key))?;
        say(format!("      {}", event.reason.as_deref().unwrap_or("no reason was kept")))?;
    }
    let here = endpoint_url(&ctx.config).ok();
    for account in accounts(ctx)
        .await
        .map_err(Failure::while_doing("the connected accounts can't be listed"))?
    {
        say(named(&account))?;
        match subscribing::list(ctx, &account).await {
            Ok(webhooks) if webhooks.is_empty() => {
                say("  none through the API; those of the portal are shown only there".to_owned())?;
            }
            Ok(webhooks) => {
                for webhook in webhooks {
                    let is_ours = here.as_ref().is_some_and(|url| url.as_str() == webhook.url);
                    let ours = if is_ours { "here" } else { "elsewhere" };
                    let events = webhook.events.join(" ");
                    say(format!("  {ours}: {} ({events})", webhook.url))?;
                }
            }
            Err(error) => say(format!("  Fanvue does not tell: {}", chain(&error)))?,
        }
    }
    Ok(())
}

async fn register(ctx: &Ctx, again: bool) -> Result<(), Failure> {
    let failed = "webhooks can't be registered";
    let url = endpoint_url(&ctx.config).map_err(Failure::while_doing(failed))?;
    let accounts = accounts(ctx).await.map_err(Failure::while_doing(failed))?;
    if accounts.is_empty() {
        return Err(Failure::new("no account is connected: see docs/connecting.md"));
    }
    let mut missing = 0_usize;
    // All accounts belong to one app, and Fanvue tells each of all that the app registered: only what
    // was there before is ended, not what was just begun.
    let mut is_new = false;
    for account in &accounts {
        let who = named(account);
        match subscribe(ctx, account, again && !is_new).await {
            Ok(Subscription::There(webhook)) => {
                let count = webhook.events.len();
                eprintln!("{who}: Fanvue sends {count} events to {url} already.");
                if ctx.config.webhook_secrets.is_empty() {
                    missing += 1;
                    eprintln!(
                        "  But FANVUE_WEBHOOK_SECRETS is not set: if the secret is lost, --again."
                    );
                }
            }
            Ok(Subscription::New { webhook, events, left }) => {
                is_new = true;
                say(webhook.signing_secret.expose_secret().to_owned())?;
                for error in left {
                    missing += 1;
                    eprintln!("{who}: an older one leads here too: {}", chain(&error));
                }
                eprintln!("{who}: Fanvue sends {} events to {url} from now on.", events.len());
                eprintln!("  Add the line above to FANVUE_WEBHOOK_SECRETS and deploy.");
            }
            Err(error) => {
                missing += 1;
                let by_portal = needs_portal(&error);
                eprintln!("{who}: {}", chain(&error));
                if by_portal {
                    eprintln!("{}", portal(url.as_str()));
                }
            }
        }
    }
    match missing {
        0 => Ok(()),
        _ => Err(Failure::new(format!(
            "{missing} of {} accounts are not registered",
            accounts.len()
        ))),
    }
}

fn needs_portal(error: &Error) -> bool {
    matches!(error, Error::Platform(fanvue::Error::RegistrationRefused { .. }))
}

/// What a person does where the call does not work.
fn portal(url: &str) -> String {
    format!(
        "  For this app Fanvue takes it in its developer portal only:\n  \
         1. Developer Area, your app, Events: enter {url}\n  \
         2. switch on payments, refunds, disputes, subscriptions, follows, messages, and enable it\n  \
         3. View signing secret: add it to FANVUE_WEBHOOK_SECRETS and deploy"
    )
}

fn tell_replayed(asked: &[String], replayed: &Replayed) -> Result<(), Failure> {
    let Replayed { tried, quarantined, understood } = replayed;
    for event in quarantined {
        let reason = event.reason.as_deref().unwrap_or("no reason was kept");
        eprintln!("{} waits for a person again: {reason}", event.key);
    }
    let unknown: Vec<_> = asked.iter().filter(|key| !tried.contains(key)).collect();
    for key in &unknown {
        eprintln!("no event waits under the key {key}");
    }
    say(format!("{understood} of {} events understood", tried.len()))?;
    let is_all = usize::try_from(*understood).is_ok_and(|understood| understood == tried.len());
    if is_all && unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::new("not all of them could be understood"))
}

fn named(account: &store::Account) -> String {
    let handle = account.account_handle.as_deref().unwrap_or(&account.account_uuid);
    format!("{} · {handle}", account.agency_name)
}

fn say(line: String) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}")
        .map_err(Failure::while_doing("can't write to standard output"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Error {
        Error::Platform(fanvue::Error::RegistrationRefused { detail: String::new() })
    }

    #[test]
    fn a_refused_call_sends_a_person_to_the_portal_and_nothing_else_does() {
        assert!(needs_portal(&refused()));
        assert!(!needs_portal(&Error::Platform(fanvue::Error::Unauthorized)));
        assert!(
            portal("https://ours.example/api").contains("Events: enter https://ours.example/api")
        );
        let text = chain(&refused());
        assert!(text.starts_with("Fanvue gave no usable answer: the platform refuses"), "{text}");
    }

    #[test]
    fn a_replay_fails_when_anything_is_left() {
        let none = Replayed { tried: vec!["a".into()], quarantined: vec![], understood: 1 };
        assert!(tell_replayed(&[], &none).is_ok());
        assert!(tell_replayed(&["a".into()], &none).is_ok());
        assert!(tell_replayed(&["b".into()], &none).is_err());
        let event = store::QuarantinedEvent {
            key: "a".into(),
            topic: None,
            received_at: jiff::Timestamp::UNIX_EPOCH,
            reason: Some("data is missing".into()),
        };
        let later = Replayed { understood: 0, ..none.clone() };
        assert!(tell_replayed(&[], &later).is_err(), "it is left to the next tick");
        assert!(tell_replayed(&[], &Replayed { quarantined: vec![event], ..later }).is_err());
    }
}
