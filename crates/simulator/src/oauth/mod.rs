//! The platform's OAuth server: consents, rotating refresh tokens, and what kills them.
//!
//! This module holds the tokens; `authorize.rs` and `token.rs` are its two endpoints. Tokens are
//! drawn from the seed, so that replaying a journal gives the same ones: they protect nothing.

pub(crate) mod authorize;
pub(crate) mod token;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use uuid::Uuid;

use crate::{dice::Dice, row::Millis, settings::Settings};

/// All consents and tokens.
#[derive(Debug, Default)]
pub(crate) struct Oauth {
    chains: Vec<Chain>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    codes: HashMap<String, Code>,
    issued: u64,
    pub(crate) counts: Counts,
}

/// One consent and everything issued under it.
#[derive(Debug)]
struct Chain {
    account: Uuid,
    scopes: Vec<String>,
    revoked: bool,
    refreshes: u64,
}

#[derive(Debug)]
struct Access {
    chain: usize,
    expires_at: Millis,
}

#[derive(Debug)]
struct Refresh {
    chain: usize,
    issued_at: Millis,
    first_used_at: Option<Millis>,
    /// The access token issued with it, which dies when it is used.
    paired: String,
}

#[derive(Debug)]
struct Code {
    account: Uuid,
    scopes: Vec<String>,
    redirect_uri: String,
    challenge: String,
    expires_at: Millis,
    /// The consent it was exchanged for.
    chain: Option<usize>,
}

/// What the OAuth server did so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    /// Consents at `/oauth2/auth`.
    pub(crate) authorizations: u64,
    /// Codes exchanged for tokens.
    pub(crate) exchanges: u64,
    /// Consents made through `/sim/grants`.
    pub(crate) grants: u64,
    /// First uses of a refresh token.
    pub(crate) refreshes: u64,
    /// Further uses within the grace.
    pub(crate) grace_reuses: u64,
    /// Further uses after it; each kills its chain.
    pub(crate) late_reuses: u64,
    /// Chains that died, for whatever reason.
    pub(crate) revocations: u64,
    /// Answers 400 `invalid_grant`.
    pub(crate) invalid_grants: u64,
}

/// Who a bearer token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: Uuid,
    pub(crate) scopes: Vec<String>,
}

/// A fresh pair of tokens.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) scope: String,
}

/// What came of using a refresh token.
pub(crate) enum Refreshed {
    Pair(Pair),
    Unknown,
    Expired,
    Reused,
    ScopeGone(String),
}

impl Oauth {
    /// Who may call with this token now.
    pub(crate) fn caller(&self, token: &str, now: Millis) -> Option<Caller> {
        let access = self.access.get(token).filter(|access| now < access.expires_at)?;
        let chain = self.chains.get(access.chain).filter(|chain| !chain.revoked)?;
        Some(Caller { account: chain.account, scopes: chain.scopes.clone() })
    }

    /// A new consent and its first tokens.
    pub(crate) fn grant(
        &mut self,
        account: Uuid,
        scopes: Vec<String>,
        seed: u64,
        settings: &Settings,
        now: Millis,
    ) -> Pair {
        self.chains.push(Chain { account, scopes, revoked: false, refreshes: 0 });
        self.issue(self.chains.len() - 1, seed, settings, now)
    }

    /// Uses a refresh token: rotates it, tolerates a repeat within the grace, or kills the chain.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        seed: u64,
        settings: &Settings,
        now: Millis,
    ) -> Refreshed {
        let Some(used) = self.refresh.get_mut(token) else { return Refreshed::Unknown };
        let (index, chain) = (used.chain, &mut self.chains[used.chain]);
        if chain.revoked {
            return Refreshed::Unknown;
        }
        let life = settings.refresh_token_seconds.map(|seconds| i64::from(seconds) * 1000);
        if life.is_some_and(|life| now >= used.issued_at + life) {
            return Refreshed::Expired;
        }
        if let Some(gone) = chain.scopes.iter().find(|scope| !settings.scopes.contains(scope)) {
            return Refreshed::ScopeGone(gone.clone());
        }
        match used.first_used_at {
            // Repeated use does not extend the grace.
            Some(first) if now >= first + i64::from(settings.grace_seconds) * 1000 => {
                chain.revoked = true;
                self.counts.late_reuses += 1;
                self.counts.revocations += 1;
                return Refreshed::Reused;
            }
            Some(_) => self.counts.grace_reuses += 1,
            None => {
                used.first_used_at = Some(now);
                self.counts.refreshes += 1;
            }
        }
        chain.refreshes += 1;
        let paired = std::mem::take(&mut used.paired);
        self.access.remove(&paired);
        Refreshed::Pair(self.issue(index, seed, settings, now))
    }

    /// Revokes every consent of an account and says how many there were.
    pub(crate) fn revoke(&mut self, account: Uuid) -> u64 {
        let mut revoked = 0;
        for chain in self.chains.iter_mut().filter(|c| c.account == account && !c.revoked) {
            chain.revoked = true;
            revoked += 1;
        }
        self.counts.revocations += revoked;
        revoked
    }

    /// Living consents and refreshes so far, by account.
    pub(crate) fn accounts(&self) -> BTreeMap<Uuid, (u64, u64)> {
        let mut accounts = BTreeMap::new();
        for chain in &self.chains {
            let entry: &mut (u64, u64) = accounts.entry(chain.account).or_default();
            entry.0 += u64::from(!chain.revoked);
            entry.1 += chain.refreshes;
        }
        accounts
    }

    fn kill(&mut self, chain: usize) {
        let chain = &mut self.chains[chain];
        self.counts.revocations += u64::from(!chain.revoked);
        chain.revoked = true;
    }

    fn issue(&mut self, index: usize, seed: u64, settings: &Settings, now: Millis) -> Pair {
        let access = self.secret("at", seed);
        let expires_at = now + i64::from(settings.token_seconds) * 1000;
        self.access.insert(access.clone(), Access { chain: index, expires_at });
        let scopes = self.chains[index].scopes.clone();
        let offline = scopes.iter().any(|scope| scope == "offline_access" || scope == "offline");
        let refresh = offline.then(|| self.secret("rt", seed));
        if let Some(refresh) = &refresh {
            let entry = Refresh {
                chain: index,
                issued_at: now,
                first_used_at: None,
                paired: access.clone(),
            };
            self.refresh.insert(refresh.clone(), entry);
        }
        Pair { access, refresh, scope: scopes.join(" ") }
    }

    fn secret(&mut self, kind: &str, seed: u64) -> String {
        self.issued += 1;
        let mut dice = Dice::new(seed, kind, &[self.issued]);
        format!("sim_{kind}_{:016x}{:016x}", dice.roll(), dice.roll())
    }
}
