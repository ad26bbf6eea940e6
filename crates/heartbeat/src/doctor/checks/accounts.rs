//! Connected accounts, their creators, and users.

use app::{Binding, SealError, TokenKind, scopes};
use jiff::SignedDuration;
use store::{AccountFacts, ConnectionKind};

use crate::doctor::{
    Facts,
    check::{Check, Group, Outcome, fault_of, from, named, warning_if},
};

/// So long after its end a token should have been refreshed.
const OVERDUE: SignedDuration = SignedDuration::from_mins(30);

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Accounts, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "connection-revoked",
        "the account's money is not seen any more; what was counted stays",
        "connect the account again: docs/connecting.md",
        revoked,
    ),
    check(
        "connection-overdue",
        "the account's token ended and was not refreshed: its money is not seen meanwhile",
        "see /api/auth/fanvue/connections for the reason; check FANVUE_CLIENT_SECRET and the schedules",
        overdue,
    ),
    check(
        "refresh-token-missing",
        "the account ends with its access token, within an hour or so",
        "allow offline_access for the app at Fanvue, then connect the account again",
        refresh_missing,
    ),
    check(
        "scope-missing",
        "what the scope is for is not read; without read:insights no money is counted",
        "allow the scope for the app at Fanvue, then connect the account again",
        scope_missing,
    ),
    check(
        "token-unreadable",
        "the account can't be read: its token does not open with any key of TOKEN_KEYS",
        "put the key back into TOKEN_KEYS; if it is lost, connect the account again",
        unreadable,
    ),
    check(
        "creators-unlisted",
        "creators of the account may be missing, and their money with them",
        "look at the report of sync-transactions; allow read:creator, and connect the account again",
        unlisted,
    ),
    check(
        "plain-token",
        "a token lies in the open, and its creator is read by nobody until it is sealed",
        "set TOKEN_KEYS and call sync-transactions; what stays: docs/operations.md, Secrets",
        plain,
    ),
    check(
        "creator-unconnected",
        "nobody reads the creator: sales since then are not counted",
        "connect her account, or one of an agency that manages her; else set her status to inactive",
        unconnected,
    ),
    check(
        "zone-unknown",
        "days can't be counted there: booking a row of the agency fails",
        "update agencies set timezone = '…' to a name of the tz database, such as Europe/Rome",
        zone,
    ),
    check(
        "user-role",
        "the user signs in and sees no figure, or no agency",
        "set agency_id, and role to owner, admin, manager or viewer, in profiles",
        users,
    ),
];

/// A fault that names the accounts of which `what` says something.
fn of_accounts(facts: &Facts, what: impl Fn(&AccountFacts) -> Option<String>) -> Outcome {
    from(&facts.database.accounts, |accounts| {
        let told = |one: &AccountFacts| match what(one)? {
            said if said.is_empty() => Some(one.name.clone()),
            said => Some(format!("{} ({said})", one.name)),
        };
        fault_of(&accounts.iter().filter_map(told).collect::<Vec<_>>())
    })
}

fn only_if(is_so: bool) -> Option<String> {
    is_so.then(String::new)
}

fn revoked(facts: &Facts) -> Outcome {
    of_accounts(facts, |one| only_if(!one.is_active))
}

fn overdue(facts: &Facts) -> Outcome {
    of_accounts(facts, |one| {
        only_if(one.is_active && facts.now.duration_since(one.expires_at) > OVERDUE)
    })
}

fn refresh_missing(facts: &Facts) -> Outcome {
    of_accounts(facts, |one| only_if(one.is_active && one.refresh_sealed.is_none()))
}

fn scope_missing(facts: &Facts) -> Outcome {
    of_accounts(facts, |one| {
        let kind = ConnectionKind::of(&one.kind)?;
        let missing = scopes::missing(kind, &one.scope, true);
        let names: Vec<_> = missing.iter().map(|scope| scope.name).collect();
        (one.is_active && !names.is_empty()).then(|| named(&names))
    })
}

fn unreadable(facts: &Facts) -> Outcome {
    let keys = &facts.environment.config.token_keys;
    of_accounts(facts, |one| {
        let sealed =
            [(TokenKind::Access, &one.access_sealed), (TokenKind::Refresh, &one.refresh_sealed)];
        let mut errors = sealed.into_iter().filter_map(|(kind, sealed)| {
            let binding = Binding { agency: one.agency, connection: one.id, kind };
            keys.open(sealed.as_deref()?, binding).err()
        });
        let error = errors.next().filter(|_| one.is_active)?;
        Some(match error {
            SealError::UnknownKey { id } => format!("sealed with key '{id}'"),
            SealError::NoKey => "there is no key".to_owned(),
            SealError::Broken => "it was changed or moved".to_owned(),
        })
    })
}

fn unlisted(facts: &Facts) -> Outcome {
    of_accounts(facts, |one| only_if(one.is_active && one.owes_import))
}

fn plain(facts: &Facts) -> Outcome {
    from(&facts.database.creators, |creators| fault_of(&creators.plain))
}

fn unconnected(facts: &Facts) -> Outcome {
    from(&facts.database.creators, |creators| {
        warning_if(!creators.unread.is_empty(), || named(&creators.unread))
    })
}

fn zone(facts: &Facts) -> Outcome {
    from(&facts.database.agencies, |agencies| {
        let is_known = |zone: &str| jiff::tz::TimeZone::get(zone).is_ok();
        let wrong = agencies.iter().filter(|one| !(one.is_known && is_known(&one.timezone)));
        fault_of(&wrong.map(|one| format!("{} ({})", one.name, one.timezone)).collect::<Vec<_>>())
    })
}

fn users(facts: &Facts) -> Outcome {
    from(&facts.database.creators, |creators| {
        let count = creators.users_without_role;
        warning_if(count > 0, || format!("{count} users"))
    })
}
