//! Fanvue, and whoever else is asked over the network.

use app::webhooks::subscribing::endpoint_url;

use super::server::skew;
use crate::doctor::{
    Facts, Fanvue, Outside, Site, Told, Trouble,
    check::{Check, Group, Outcome, fault_if, fault_of, from, warning_if},
};

/// So many sales without a webhook are no chance.
const UNTOLD_MIN: i64 = 3;

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Network, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "fanvue-unreachable",
        "nothing new is read while it lasts; the next tick catches up",
        "mend FANVUE_API_URL, or let this network out to it; an outage of Fanvue ends by itself",
        unreachable,
    ),
    check(
        "fanvue-version",
        "Fanvue does not take this build's version of its API: no money is read",
        "deploy a newer build",
        version,
    ),
    check(
        "fanvue-clock",
        "webhooks more than five minutes off are refused, and windows end too early or too late",
        "mend the clock of this machine, or of the platform's host, with NTP",
        clock,
    ),
    check(
        "fanvue-app-refused",
        "no token is refreshed: within an hour no account is read any more",
        "take FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET from the app at Fanvue anew, and deploy",
        app_refused,
    ),
    check(
        "fanvue-token-refused",
        "Fanvue refuses a token before its time has ended: its account's money is not read",
        "call refresh for the account; if that is refused too, connect it again",
        token_refused,
    ),
    check(
        "fanvue-account-failing",
        "Fanvue takes a token and does not say whose it is: its account's money may not be read",
        "an outage ends by itself; if it stays, allow read:self for the app, and connect the account again",
        account_failing,
    ),
    check(
        "webhooks-refused",
        "Fanvue sends webhooks here and none is taken: sales appear late, with their rows",
        "heartbeat webhooks register --again, then add the new secret to FANVUE_WEBHOOK_SECRETS",
        webhooks_refused,
    ),
    check(
        "webhooks-silent",
        "nobody tells of sales: they appear late, with their rows",
        "heartbeat webhooks register, or switch the events on in Fanvue's developer portal",
        webhooks_silent,
    ),
    check(
        "public-url-redirects",
        "Fanvue follows no redirect: webhooks are lost, and logins end at an address it does not know",
        "set PUBLIC_URL to the address that answers itself, also in the app at Fanvue",
        redirects,
    ),
    check(
        "public-url-answers",
        "neither browsers nor Fanvue reach this deployment at PUBLIC_URL",
        "mend PUBLIC_URL, or what stands before the deployment",
        answers,
    ),
    check(
        "cron-secret-differs",
        "the deployment has another CRON_SECRET than you: whichever the schedules send, one is refused",
        "set the same CRON_SECRET in the deployment and here, and deploy",
        secret_differs,
    ),
    check(
        "build-differs",
        "the deployed build and this one expect different schemas: what is found here may not hold there",
        "run the doctor of the deployed build, or deploy this one",
        build_differs,
    ),
    check(
        "jwks",
        "keys of users' tokens can't be had: nobody who signs in is let in",
        "set SUPABASE_JWKS_URL to the project's address with /auth/v1/.well-known/jwks.json",
        jwks,
    ),
    check(
        "telegram-refused",
        "nobody is told of late shifts and missed posts",
        "take the token from BotFather anew, and make the bot a member of the chat",
        telegram,
    ),
];

fn outside(facts: &Facts, decide: impl FnOnce(&Outside) -> Outcome) -> Outcome {
    facts.outside.as_ref().map_or(Outcome::LeftOut, decide)
}

/// Decides where Fanvue is as it should be.
fn fanvue(facts: &Facts, decide: impl FnOnce(&Fanvue) -> Outcome) -> Outcome {
    outside(facts, |outside| match &outside.fanvue.reached {
        Ok(()) => decide(&outside.fanvue),
        Err(_) => Outcome::Unseen("Fanvue did not answer as it should".to_owned()),
    })
}

fn unreachable(facts: &Facts) -> Outcome {
    outside(facts, |outside| match &outside.fanvue.reached {
        Err(Trouble::Away(why) | Trouble::Odd(why)) => Outcome::Fault(why.clone()),
        Err(Trouble::Version) | Ok(()) => Outcome::Well,
    })
}

fn version(facts: &Facts) -> Outcome {
    outside(facts, |outside| {
        fault_if(outside.fanvue.reached == Err(Trouble::Version), || {
            format!("this build speaks {}", fanvue::API_VERSION)
        })
    })
}

fn clock(facts: &Facts) -> Outcome {
    outside(facts, |outside| {
        outside.fanvue.ahead.map_or(Outcome::Well, |ahead| skew(ahead.as_secs()))
    })
}

fn app_refused(facts: &Facts) -> Outcome {
    outside(facts, |outside| {
        outside.fanvue.takes_app.as_ref().map_or(Outcome::Well, |takes| {
            from(takes, |takes| fault_if(!takes, || "the client is not accepted".to_owned()))
        })
    })
}

fn token_refused(facts: &Facts) -> Outcome {
    fanvue(facts, |fanvue| fault_of(&fanvue.refused))
}

fn account_failing(facts: &Facts) -> Outcome {
    fanvue(facts, |fanvue| fault_of(&fanvue.failing))
}

/// How many sales nobody told of, if they can't be chance.
fn untold(facts: &Facts) -> Told<Option<i64>> {
    let events = facts.database.events.as_ref().map_err(Clone::clone)?;
    // Without a secret another check says it.
    let is_told_already = facts.environment.config.webhook_secrets.is_empty();
    Ok(Some(events.sales_untold).filter(|count| *count >= UNTOLD_MIN && !is_told_already))
}

/// Whether Fanvue was asked to send webhooks here before the newest of those sales.
fn is_sent_here(facts: &Facts, fanvue: &Fanvue) -> Option<bool> {
    let here = endpoint_url(&facts.environment.config).ok()?;
    let webhooks = fanvue.webhooks.as_ref()?.as_ref().ok()?;
    let untold_at = facts.database.events.as_ref().ok()?.untold_at;
    Some(webhooks.iter().any(|one| {
        let is_older = one.created_at.zip(untold_at).is_none_or(|(since, sale)| since < sale);
        one.url == here.as_str() && is_older
    }))
}

fn webhooks_refused(facts: &Facts) -> Outcome {
    fanvue(facts, |fanvue| {
        from(&untold(facts), |untold| match untold {
            Some(count) if is_sent_here(facts, fanvue) == Some(true) => Outcome::Fault(format!(
                "{count} sales came by their rows and none by a webhook: the secret is another one, \
                 PUBLIC_URL is not this deployment, or sales are not among the events"
            )),
            _ => Outcome::Well,
        })
    })
}

fn webhooks_silent(facts: &Facts) -> Outcome {
    fanvue(facts, |fanvue| {
        from(&untold(facts), |untold| match untold {
            Some(count) if is_sent_here(facts, fanvue) != Some(true) => {
                Outcome::Warning(format!("{count} sales came by their rows and none by a webhook"))
            }
            _ => Outcome::Well,
        })
    })
}

/// Why a deployment could not be looked at.
const NOWHERE: &str = "PUBLIC_URL is not set here, or not usable";

/// Decides where PUBLIC_URL is set and something answers there.
fn site(facts: &Facts, decide: impl FnOnce(&Site) -> Outcome) -> Outcome {
    outside(facts, |outside| match &outside.site {
        None => Outcome::Unseen(NOWHERE.to_owned()),
        Some(site) => from(site, decide),
    })
}

fn redirects(facts: &Facts) -> Outcome {
    site(facts, |site| match &site.leads_to {
        Some(host) => Outcome::Fault(format!("it sends callers to {host}")),
        None => Outcome::Well,
    })
}

fn answers(facts: &Facts) -> Outcome {
    outside(facts, |outside| match &outside.site {
        None => Outcome::Unseen(NOWHERE.to_owned()),
        Some(Err(why)) => Outcome::Fault(why.clone()),
        Some(Ok(site)) => fault_if(!site.is_ours && site.leads_to.is_none(), || {
            "what answers there is not this service".to_owned()
        }),
    })
}

fn secret_differs(facts: &Facts) -> Outcome {
    site(facts, |site| {
        fault_if(site.refuses_secret, || "the deployment refuses CRON_SECRET".to_owned())
    })
}

fn build_differs(facts: &Facts) -> Outcome {
    site(facts, |site| {
        let ours = store::latest_version();
        if site.takes_secret && site.expects.is_none() {
            return Outcome::Fault(
                "what is deployed does not say which schema it expects".to_owned(),
            );
        }
        let theirs = site.expects.as_deref().unwrap_or(ours);
        warning_if(theirs != ours, || format!("{theirs} there, {ours} here"))
    })
}

fn jwks(facts: &Facts) -> Outcome {
    outside(facts, |outside| match &outside.keys {
        None => Outcome::Well,
        Some(Err(why)) => Outcome::Fault(why.clone()),
        Some(Ok(count)) => fault_if(*count == 0, || "it answers with no usable key".to_owned()),
    })
}

fn telegram(facts: &Facts) -> Outcome {
    outside(facts, |outside| match &outside.telegram {
        Some(Err(why)) => Outcome::Fault(why.clone()),
        _ => Outcome::Well,
    })
}
