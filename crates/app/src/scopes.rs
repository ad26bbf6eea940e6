//! What a connected account must allow, and what stops without it.

use store::ConnectionKind;

/// A scope of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its exact name.
    pub name: &'static str,
    /// What it is for; empty for the protocol's own, which only bring tokens.
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
    scope("offline_access", ""),
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

/// What an account of that kind should allow and doesn't. Nothing where it isn't known what it
/// allows.
#[must_use]
pub fn missing(kind: ConnectionKind, granted: &str) -> Vec<Scope> {
    if granted.trim().is_empty() {
        return vec![];
    }
    let is_granted = |scope: &Scope| granted.split_whitespace().any(|name| name == scope.name);
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
        assert!(missing(ConnectionKind::Agency, &all).is_empty());
        let names = |kind, granted| -> Vec<_> {
            missing(kind, granted).into_iter().map(|scope| scope.name).collect()
        };
        let less = all.replace("read:insights", "").replace("offline", "");
        assert_eq!(names(ConnectionKind::Agency, &less), ["read:insights"]);
        let own = asked(ConnectionKind::Creator);
        assert!(!own.contains(&"read:agency") && own.contains(&"offline_access"));
        assert!(names(ConnectionKind::Creator, &own.join(" ")).is_empty());
        assert!(missing(ConnectionKind::Agency, "").is_empty(), "nobody told us");
    }
}
