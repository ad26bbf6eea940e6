//! Variables, and the list of schedules.

use secrecy::ExposeSecret;

use crate::{
    doctor::{
        Facts,
        check::{Check, Group, Outcome, fault_if, fault_of, from, named, warning_if},
    },
    schedules,
};

/// The shortest `CRON_SECRET` that nobody guesses, in bytes.
const SECRET_BYTES_MIN: usize = 16;
/// Variables that have a check of their own.
const WITH_CHECKS: [&str; 13] = [
    "DATABASE_URL",
    "DATABASE_STATEMENTS",
    "TOKEN_KEYS",
    "FANVUE_CLIENT_ID",
    "FANVUE_CLIENT_SECRET",
    "PUBLIC_URL",
    "SUPABASE_JWT_SECRET",
    "SUPABASE_JWKS_URL",
    "SUPABASE_JWT_ISSUER",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_CHAT_ID",
    "TELEGRAM_API_URL",
    "FANVUE_WEBHOOK_SECRETS",
];

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Configuration, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "invalid-value",
        "every function answers 503 and no tick runs: no money is counted",
        "mend the variable as docs/configuration.md has it, and deploy",
        invalid_value,
    ),
    check(
        "unknown-variable",
        "nobody reads it, so what it was set for does not happen; one of ours stops every function",
        "take it away, or mend its name",
        unknown_variable,
    ),
    check(
        "database-url",
        "nothing works without a database",
        "set DATABASE_URL to the postgres:// URL of the database",
        database_url,
    ),
    check(
        "pooler-mode",
        "kept statements vanish between transactions: ticks and answers fail at random",
        "set DATABASE_STATEMENTS=typed, or give DATABASE_URL without a transaction pooler",
        pooler_mode,
    ),
    check(
        "cron-secret",
        "without it every schedule is refused and no money is counted; who guesses it reads everything",
        "set CRON_SECRET to 32 random bytes, such as `openssl rand -hex 32` gives, and deploy",
        cron_secret,
    ),
    check(
        "token-keys",
        "tokens can neither be sealed nor opened: no account can be connected and none is read",
        "set TOKEN_KEYS to id:base64 of 32 random bytes; keep every key that sealed something",
        token_keys,
    ),
    check(
        "fanvue-app",
        "no token is refreshed: within an hour no account is read any more",
        "set FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET of the app at Fanvue, both",
        fanvue_app,
    ),
    check(
        "webhook-secrets",
        "every webhook is refused: sales appear with the next tick instead of at once",
        "heartbeat webhooks register, then add its secret to FANVUE_WEBHOOK_SECRETS",
        webhook_secrets,
    ),
    check(
        "public-url",
        "no account can be connected, and Fanvue can't be told where to send webhooks",
        "give it, to the doctor too, as the https address at which browsers reach this deployment, without a path",
        public_url,
    ),
    check(
        "user-tokens",
        "no user is let in: nobody sees a figure but the operator",
        "set SUPABASE_JWKS_URL, or SUPABASE_JWT_SECRET of 32 bytes or more",
        user_tokens,
    ),
    check(
        "telegram",
        "every function answers 503; and nobody is told of late shifts and missed posts",
        "set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID as BotFather and the chat have them, or neither",
        telegram,
    ),
    check(
        "direct-url",
        "open dashboards are not told of changes, or of those of another database",
        "set DATABASE_DIRECT_URL to the same database without a pooler (port 5432, not 6432 or 6543)",
        direct_url,
    ),
    check(
        "schedules-listed",
        "what is not in the list is never called: money, tokens or alerts wait for ever",
        "take the crons of this build's vercel.json into the deployment's, and deploy",
        schedules_listed,
    ),
];

fn set(facts: &Facts, variables: &[&str], decide: impl FnOnce() -> Outcome) -> Outcome {
    facts.environment.problem(variables).map_or_else(decide, Outcome::Fault)
}

fn invalid_value(facts: &Facts) -> Outcome {
    let others = facts.environment.problems.iter();
    let others = others.filter(|one| !WITH_CHECKS.contains(&one.variable.as_str()));
    fault_of(&others.map(ToString::to_string).collect::<Vec<_>>())
}

fn unknown_variable(facts: &Facts) -> Outcome {
    let unknown = &facts.environment.unknown;
    if unknown.is_empty() {
        return Outcome::Well;
    }
    // Only of ours does the service know that they are nobody else's.
    let stops = unknown.iter().any(|name| name.starts_with("HEARTBEAT_"));
    if stops { Outcome::Fault(named(unknown)) } else { Outcome::Warning(named(unknown)) }
}

fn database_url(facts: &Facts) -> Outcome {
    set(facts, &["DATABASE_URL"], || Outcome::Well)
}

fn pooler_mode(facts: &Facts) -> Outcome {
    set(facts, &["DATABASE_STATEMENTS"], || {
        let config = &facts.environment.config;
        if config.database_statements != store::Statements::Prepared {
            return Outcome::Well;
        }
        from(&facts.database.server, |server| {
            let asked = port(config.database_url.expose_secret());
            warning_if(server.port.is_some_and(|port| Some(port) != asked), || {
                "the server listens at another port than DATABASE_URL names: if a transaction pooler \
                 stands between, statements must not be kept"
                    .to_owned()
            })
        })
    })
}

/// The port that a database's URL names.
fn port(url: &str) -> Option<i32> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit('@').next()?;
    match host.rsplit_once(':') {
        Some((_, port)) => port.parse().ok(),
        None => Some(5_432),
    }
}

fn cron_secret(facts: &Facts) -> Outcome {
    match &facts.environment.config.cron_secret {
        None => Outcome::Fault("CRON_SECRET is not set".to_owned()),
        Some(secret) => fault_if(secret.expose_secret().len() < SECRET_BYTES_MIN, || {
            format!("CRON_SECRET is shorter than {SECRET_BYTES_MIN} bytes, so it can be guessed")
        }),
    }
}

fn token_keys(facts: &Facts) -> Outcome {
    set(facts, &["TOKEN_KEYS"], || {
        fault_if(facts.environment.config.token_keys.sealing_key().is_err(), || {
            "TOKEN_KEYS is not set".to_owned()
        })
    })
}

fn fanvue_app(facts: &Facts) -> Outcome {
    set(facts, &["FANVUE_CLIENT_ID", "FANVUE_CLIENT_SECRET"], || {
        fault_if(facts.environment.config.fanvue_app.is_none(), || {
            "FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET are not set".to_owned()
        })
    })
}

fn webhook_secrets(facts: &Facts) -> Outcome {
    warning_if(facts.environment.config.webhook_secrets.is_empty(), || {
        "FANVUE_WEBHOOK_SECRETS is not set".to_owned()
    })
}

fn public_url(facts: &Facts) -> Outcome {
    set(facts, &["PUBLIC_URL"], || match &facts.environment.config.public_url {
        // What the service takes for it there, nobody knows here.
        None => Outcome::Warning(
            "PUBLIC_URL is not set here; on Vercel its production domain is taken".to_owned(),
        ),
        // Nobody can log in there: the address at which Fanvue sends them back is another one.
        Some(url) if url.path() != "/" || url.query().is_some() => {
            Outcome::Fault("PUBLIC_URL is more than a scheme and a host".to_owned())
        }
        Some(url) => fault_if(url.scheme() != "https", || {
            "PUBLIC_URL is this machine's: neither Fanvue nor other browsers reach it".to_owned()
        }),
    })
}

fn user_tokens(facts: &Facts) -> Outcome {
    let variables = ["SUPABASE_JWT_SECRET", "SUPABASE_JWKS_URL", "SUPABASE_JWT_ISSUER"];
    set(facts, &variables, || {
        let users = &facts.environment.config.users;
        fault_if(users.jwt_secret.is_none() && users.jwks_url.is_none(), || {
            "neither SUPABASE_JWKS_URL nor SUPABASE_JWT_SECRET is set".to_owned()
        })
    })
}

fn telegram(facts: &Facts) -> Outcome {
    let variables = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "TELEGRAM_API_URL"];
    set(facts, &variables, || Outcome::Well)
}

fn direct_url(facts: &Facts) -> Outcome {
    let config = &facts.environment.config;
    let pooled =
        |url: &str| url.contains("pgbouncer=true") || matches!(port(url), Some(6_432 | 6_543));
    let Some(direct) = &config.database_direct_url else {
        return warning_if(pooled(config.database_url.expose_secret()), || {
            "DATABASE_URL leads through a pooler, and DATABASE_DIRECT_URL is not set".to_owned()
        });
    };
    if pooled(direct.expose_secret()) {
        return Outcome::Fault("DATABASE_DIRECT_URL names a transaction pooler".to_owned());
    }
    match &facts.database.direct {
        None => Outcome::Unseen("the database was not reached".to_owned()),
        Some(Err(why)) => Outcome::Fault(format!("DATABASE_DIRECT_URL: {why}")),
        Some(Ok(direct)) => from(direct, |direct| {
            from(&facts.database.server, |server| {
                fault_if(server.identity != *direct, || {
                    "DATABASE_DIRECT_URL leads to another database than DATABASE_URL".to_owned()
                })
            })
        }),
    }
}

fn schedules_listed(facts: &Facts) -> Outcome {
    let Some(listed) = &facts.listed else { return Outcome::LeftOut };
    let listed = match listed {
        Ok(listed) => listed,
        Err(why) => return Outcome::Fault(why.clone()),
    };
    let Ok(ours) = schedules::list() else {
        return Outcome::Unseen("this build has no list of schedules".to_owned());
    };
    let missing = ours.iter().filter(|one| !listed.iter().any(|other| other.path == one.path));
    let missing: Vec<_> = missing.map(|one| format!("{} is missing", one.path)).collect();
    if !missing.is_empty() {
        return Outcome::Fault(named(&missing));
    }
    let is_changed = |one: &&schedules::Schedule| !listed.contains(one);
    let changed: Vec<_> = ours.iter().filter(is_changed).map(|one| &one.path).collect();
    warning_if(!changed.is_empty(), || format!("{} at other times", named(&changed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_past_passwords_and_options() {
        assert_eq!(port("postgres://u:p:9@h:6543/db?x=1:2"), Some(6_543));
        assert_eq!(port("postgresql://u:p@h/db"), Some(5_432));
        assert_eq!(port("postgres://h:x/db"), None);
    }
}
