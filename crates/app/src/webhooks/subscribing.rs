//! Where Fanvue sends webhooks, as it tells each connected account, and asking it to send them here.
//!
//! The call works for some apps at Fanvue only. For the others a person enters the address in its
//! developer portal, and nothing here is needed.

use fanvue::{Answer, NewWebhook, Webhook, WebhookAsk};
use ledger::Purpose;
use store::Account;
use url::Url;

use crate::{
    Config, ConfigError, Ctx, Endpoint, Error,
    budget::{Budget, Leave},
    http::chain,
    tokens::{Access, Tokens},
};

/// What was asked for an account.
#[derive(Debug)]
pub enum Subscription {
    /// Fanvue sends webhooks here already.
    There(Webhook),
    /// It does from now on.
    New {
        /// Its id and its secret, which nobody is told again.
        webhook: NewWebhook,
        /// The topics.
        events: Vec<&'static str>,
        /// Why older ones that lead here could not be ended.
        left: Vec<Error>,
    },
}

/// Where Fanvue is to send webhooks.
///
/// # Errors
/// [`Error::Config`] when `PUBLIC_URL` isn't known or is no address that Fanvue can reach.
pub fn endpoint_url(config: &Config) -> Result<Url, Error> {
    let wrong = |problem: &str| {
        Error::Config(ConfigError {
            variable: "PUBLIC_URL".to_owned(),
            problem: problem.to_owned(),
        })
    };
    let base = config.public_url.as_ref();
    let base = base.ok_or_else(|| wrong("is not set; give it the address of this installation"))?;
    if base.scheme() != "https" {
        return Err(wrong(
            "is this machine's: Fanvue sends webhooks to public https addresses only",
        ));
    }
    base.join(Endpoint::Webhooks.path()).map_err(|_| wrong("is no address"))
}

/// The connected accounts that may be asked.
///
/// # Errors
/// [`Error::Store`].
pub async fn accounts(ctx: &Ctx) -> Result<Vec<Account>, Error> {
    let mut accounts = ctx.store.reader().list_accounts(None, None).await?;
    accounts.retain(|account| account.state == "active");
    Ok(accounts)
}

/// Where Fanvue sends this account's webhooks, as far as it tells.
///
/// # Errors
/// As for any question to Fanvue.
pub async fn list(ctx: &Ctx, account: &Account) -> Result<Vec<Webhook>, Error> {
    let asked =
        ask(ctx, account, async |access| ctx.platform.webhooks(&access.token, access.routes).await);
    Ok(asked.await?.webhooks)
}

/// Asks Fanvue to send this account's webhooks here, unless it does. With `again`, what led here before
/// is ended once there is a new one: the only way to another secret.
///
/// # Errors
/// [`fanvue::Error::RegistrationRefused`] when a person has to do it in the portal, [`Error::Account`]
/// when it allows no event; else as for any question to Fanvue.
pub async fn subscribe(ctx: &Ctx, account: &Account, again: bool) -> Result<Subscription, Error> {
    let url = endpoint_url(&ctx.config)?;
    let mut here = list(ctx, account).await?;
    here.retain(|webhook| webhook.url == url.as_str());
    if !again && let Some(webhook) = here.pop() {
        return Ok(Subscription::There(webhook));
    }
    let events = wanted(&account.scope);
    if events.is_empty() {
        let problem = "it allows no event: enable read:creator, then connect it again".to_owned();
        return Err(Error::Account { problem });
    }
    let asked = ask(ctx, account, async |access| {
        let ask = WebhookAsk { routes: access.routes, url: &url, events: &events };
        ctx.platform.register_webhook(&access.token, &ask).await
    });
    let webhook = asked.await?;
    let mut left = vec![];
    for old in here {
        let ended = ask(ctx, account, async |access| {
            ctx.platform.delete_webhook(&access.token, access.routes, &old.id).await
        });
        match ended.await {
            Ok(()) | Err(Error::Platform(fanvue::Error::NotFound { .. })) => {}
            Err(error) => left.push(error),
        }
    }
    Ok(Subscription::New { webhook, events, left })
}

/// The topics that an account of these scopes may ask for: one that it may not have makes Fanvue refuse
/// them all. Where nobody told us the scopes, all are asked for.
fn wanted(granted: &str) -> Vec<&'static str> {
    let may = |scope: &str| {
        granted.trim().is_empty() || granted.split_whitespace().any(|one| one == scope)
    };
    fanvue::webhook::WANTED
        .iter()
        .filter(|(_, scope)| may(scope))
        .map(|(topic, _)| *topic)
        .collect()
}

/// One question to Fanvue within the account's budget, and once more with a newer token.
async fn ask<T>(
    ctx: &Ctx,
    account: &Account,
    call: impl AsyncFn(&Access) -> Answer<T>,
) -> Result<T, Error> {
    let (agency, connection) = (account.agency, account.id);
    let tokens = Tokens::default();
    let mut budget = Budget::new(agency, connection, None, true);
    let mut access = tokens.access(ctx, agency, connection).await?;
    let mut renewed = false;
    loop {
        while let Leave::Wait(until) = budget.take(ctx, Purpose::Pulse).await? {
            ctx.clock.sleep_until(until).await;
        }
        let answer = call(&access).await;
        if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
            let until = budget.pause(ctx, *retry_after).await?;
            ctx.clock.sleep_until(until).await;
            continue;
        }
        // A new secret is told once: nothing that fails here may lose the answer.
        if let Err(error) = note(ctx, &mut budget, answer.limits).await {
            tracing::warn!(error = chain(&error), "what is left of the budget was not noted");
        }
        match answer.result {
            Err(fanvue::Error::Unauthorized) if !renewed => {
                renewed = true;
                access = tokens.renew(ctx, agency, connection, &access.token).await?;
            }
            result => return Ok(result?),
        }
    }
}

async fn note(ctx: &Ctx, budget: &mut Budget, limits: Option<fanvue::Limits>) -> Result<(), Error> {
    budget.hear(ctx, limits).await?;
    budget.settle(ctx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_account_allows_is_asked_for() {
        assert_eq!(wanted("").len(), fanvue::webhook::WANTED.len());
        let without_chat = wanted("openid read:creator");
        assert!(without_chat.contains(&"creator.payment.succeeded"));
        assert!(!without_chat.iter().any(|topic| topic.contains("message")));
        assert!(wanted("read:chats").is_empty());
    }
}
