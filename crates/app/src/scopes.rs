//! What a connected account must allow, and what stops without it.

use store::ConnectionKind;

/// The scope that brings refresh tokens.
const OFFLINE: &str = "offline_access";

/// A scope of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its exact name.
    pub name: &'static str,
    /// What it is for; empty for the protocol's own that nobody misses.
    pub needed_for: &'static str,
    /// Whether only an agency's account needs it.
    agency_only: bool,
}

const fn scope(name: &'static str, needed_for: &'static str) -> Scope {
    Scope { name, needed_for, agency_only: false }
}

const fn agency_scope(name: &'static str, needed_for: &'static str) -> Scope {
    Scope { name, needed_for, agency_only: true }
}

/// All that is asked for. The platform has no narrower ones.
pub const SCOPES: [Scope; 11] = [
    scope("openid", ""),
    scope(OFFLINE, "new tokens: without it the account has to be connected again every hour"),
    scope("offline", ""),
    scope("read:self", "knowing whose account it is"),
    scope("read:insights", "every earning: without it no money is counted"),
    scope("read:fan", "subscribers, followers and top spenders"),
    scope("read:chat", "unread messages"),
    scope("read:post", "posts and likes"),
    scope("read:tracking_links", "tracking links"),
    agency_scope(
        "read:creator",
        "the creators the account manages: without it only its own money is counted",
    ),
    agency_scope("read:agency", "agency totals, which tell in one request who sold"),
];

/// The names of what an account of that kind is asked for.
#[must_use]
pub fn asked(kind: ConnectionKind) -> Vec<&'static str> {
    of(kind).map(|scope| scope.name).collect()
}

/// What an account of that kind should allow and doesn't. Of what isn't known nothing is missing;
/// what a refresh token takes is known by whether there is one.
#[must_use]
pub fn missing(kind: ConnectionKind, granted: &str, has_refresh: bool) -> Vec<Scope> {
    let is_unknown = granted.trim().is_empty();
    let is_granted = |scope: &Scope| match scope.name {
        OFFLINE => has_refresh,
        name => is_unknown || granted.split_whitespace().any(|granted| granted == name),
    };
    of(kind).filter(|scope| !scope.needed_for.is_empty() && !is_granted(scope)).collect()
}

fn of(kind: ConnectionKind) -> impl Iterator<Item = Scope> {
    SCOPES.into_iter().filter(move |scope| !scope.agency_only || kind == ConnectionKind::Agency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_and_not_granted_is_missing() {
        let all = asked(ConnectionKind::Agency).join(" ");
        assert!(missing(ConnectionKind::Agency, &all, true).is_empty());
        let names = |kind, granted| -> Vec<_> {
            missing(kind, granted, true).into_iter().map(|scope| scope.name).collect()
        };
        let less = all.replace("read:insights", "").replace("offline", "");
        assert_eq!(names(ConnectionKind::Agency, &less), ["read:insights"]);
        let own = asked(ConnectionKind::Creator);
        assert!(!own.contains(&"read:agency") && own.contains(&"offline_access"));
        assert!(names(ConnectionKind::Agency, "").is_empty(), "nobody told us");
        let own = own.join(" ");
        assert!(missing(ConnectionKind::Creator, &own, true).is_empty());
    }

    #[test]
    fn without_a_refresh_token_what_brings_one_is_missing_whatever_was_told() {
        for told in [asked(ConnectionKind::Creator).join(" "), String::new()] {
            let missing = missing(ConnectionKind::Creator, &told, false);
            assert_eq!(missing.iter().map(|scope| scope.name).collect::<Vec<_>>(), [OFFLINE]);
        }
    }
}
