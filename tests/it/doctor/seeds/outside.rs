//! Fanvue, and whoever else is asked over the network.

use simulator::{Fault, NewFault};

use super::{How, Seed, fault, warning};

/// Nothing came that told of the sales.
const UNTOLD: &str = "update webhook_events set body = null where event_key = 'told'";
const TOLD: &str = "update webhook_events set body = 'x' where event_key = 'told'";
/// The same, and what Fanvue was asked to send leads elsewhere.
const ELSEWHERE: How = How::Fact(|facts| {
    facts.database.events.as_mut().unwrap().sales_untold = 4;
    let outside = facts.outside.as_mut().unwrap();
    outside.fanvue.webhooks = Some(Ok(vec![]));
});

fn always(fault: Fault) -> NewFault {
    NewFault { times: None, ..NewFault::once(fault) }
}

/// Nobody's token is refused as it should be; what comes after it fails.
fn of_accounts(fault: Fault) -> NewFault {
    let mut fault = always(fault).on_path("/users/me");
    fault.matches.nth = Some(2);
    fault
}

pub fn seeds() -> Vec<Seed> {
    let over = |check, change| fault(check, How::Network(change));
    let with = |check, changes| fault(check, How::Variables(changes));
    vec![
        fault("fanvue-unreachable", How::Fanvue(|| always(Fault::DropBefore))),
        fault("fanvue-unreachable", How::Fanvue(|| always(Fault::Status(503)))),
        fault("fanvue-unreachable", How::Fanvue(|| always(Fault::Html))),
        over("fanvue-unreachable", |mood| mood.other_site = Some(404)),
        over("fanvue-unreachable", |mood| mood.other_site = Some(403)),
        over("fanvue-unreachable", |mood| mood.other_site = Some(400)),
        over("fanvue-version", |mood| mood.loses_version = true),
        over("fanvue-clock", |mood| mood.ahead = 300),
        warning("fanvue-clock", How::Network(|mood| mood.ahead = -90)),
        with("fanvue-app-refused", &[("FANVUE_CLIENT_SECRET", Some("another"))]),
        fault(
            "fanvue-token-refused",
            How::Fanvue(|| always(Fault::Status(401)).on_path("/users/me")),
        ),
        fault("fanvue-account-failing", How::Fanvue(|| of_accounts(Fault::Status(500)))),
        fault("fanvue-account-failing", How::Fanvue(|| of_accounts(Fault::Status(403)))),
        fault("fanvue-account-failing", How::Fanvue(|| of_accounts(Fault::Html))),
        fault("webhooks-refused", How::Sql(UNTOLD, TOLD)),
        warning("webhooks-silent", ELSEWHERE),
        over("public-url-redirects", |mood| mood.redirects = true),
        over("public-url-answers", |mood| mood.is_strange = true),
        over("public-url-answers", |mood| mood.is_generic = Some(false)),
        over("public-url-answers", |mood| mood.is_generic = Some(true)),
        over("build-differs", |mood| mood.is_mute = true),
        with("cron-secret-differs", &[("CRON_SECRET", Some("another-secret-of-enough-bytes"))]),
        warning("build-differs", How::Network(|mood| mood.is_older = true)),
        fault("jwks", How::Keys),
        with("jwks", &[("SUPABASE_JWKS_URL", Some("https://keys.example/jwks.json"))]),
        with(
            "telegram-refused",
            &[("TELEGRAM_BOT_TOKEN", Some("1:x")), ("TELEGRAM_CHAT_ID", Some("-1001"))],
        ),
    ]
}
