//! Changing the key of stored tokens while the service runs: whatever another key sealed is opened
//! and sealed again with the first one, in its row.
//!
//! A refresh in flight holds its row. It is passed by at first and waited for at the end, with
//! nothing else held. Whatever it stores meanwhile is what is sealed again.

use std::collections::{HashMap, HashSet};

use ledger::{AgencyId, ConnectionId};
use store::{Resealed, Stored, Tx};

use crate::{
    Ctx, Error,
    seal::{Binding, SealError, TokenKind},
};

/// Connections that are sealed again in one commit: some tens of milliseconds for who waits for one.
pub const CONNECTIONS_PER_COMMIT: i64 = 500;
/// Times that those are looked for whom somebody held. A service that still seals with another key
/// would keep it going for ever.
const ROUNDS_MAX: usize = 20;
/// Connections that are looked for at once in such a round.
const LISTED_MAX: i64 = 100_000;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Tokens sealed again.
    pub tokens: u64,
    /// Tokens that were under another key at the start.
    pub of: u64,
}

/// What it came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The id of the key.
    pub key: String,
    /// Tokens sealed again.
    pub tokens: u64,
    /// Connections they belong to.
    pub connections: u64,
    /// Tokens that are under another key at the end, those that don't open among them.
    pub left: u64,
    /// Why some don't open.
    pub stuck: Vec<Stuck>,
}

/// A token that does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Its connection.
    pub connection: ConnectionId,
    /// Which of the two.
    pub kind: TokenKind,
    /// Why.
    pub cause: SealError,
}

/// Seals every token again that the first key of `TOKEN_KEYS` did not seal, `per_commit` connections
/// in a commit, and tells after each how far it is. Any number may run at once, and again.
///
/// # Errors
/// [`Error::Seal`] without a key, [`Error::Store`]: what was committed stays, the rest is as it was. A
/// token that does not open is no error: it is in the outcome and holds up no other.
pub async fn reseal_tokens(
    ctx: &Ctx,
    per_commit: i64,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Outcome, Error> {
    let prefix = ctx.config.token_keys.sealing_prefix()?;
    let of = ctx.store.count_sealed_elsewhere(&prefix).await?.tokens;
    let mut work =
        Work { ctx, prefix, of, tell, seen: HashSet::new(), stuck: HashMap::new(), tokens: 0 };
    work.sweep(per_commit).await?;
    for _ in 0..ROUNDS_MAX {
        if !work.wait_for_the_rest().await? {
            break;
        }
    }
    work.outcome().await
}

struct Work<'a> {
    ctx: &'a Ctx,
    prefix: Vec<u8>,
    of: u64,
    tell: &'a mut (dyn FnMut(Progress) + Send),
    seen: HashSet<ConnectionId>,
    stuck: HashMap<ConnectionId, Vec<Stuck>>,
    tokens: u64,
}

impl Work<'_> {
    /// Once through all connections that nobody holds, in the order of their keys.
    async fn sweep(&mut self, per_commit: i64) -> Result<(), Error> {
        let mut after = None;
        loop {
            let tx = self.ctx.store.begin("reseal_tokens").await?;
            let held = tx.hold_sealed_elsewhere(&self.prefix, after, per_commit).await?;
            let Some(last) = held.last() else { return Ok(tx.rollback().await?) };
            after = Some((last.agency, last.connection));
            self.replace(tx, held).await?;
        }
    }

    /// Waits for each that was held by somebody; false when there is none.
    async fn wait_for_the_rest(&mut self) -> Result<bool, Error> {
        let left = self.ctx.store.list_sealed_elsewhere(&self.prefix, LISTED_MAX).await?;
        let mut is_left = false;
        for (agency, connection) in left {
            if self.stuck.contains_key(&connection) {
                continue;
            }
            is_left = true;
            let tx = self.ctx.store.begin("reseal_token").await?;
            match tx.wait_sealed_elsewhere(&self.prefix, (agency, connection)).await? {
                Some(held) => self.replace(tx, vec![held]).await?,
                None => tx.rollback().await?,
            }
        }
        Ok(is_left)
    }

    async fn replace(&mut self, tx: Tx, held: Vec<Stored>) -> Result<(), Error> {
        let mut changes = HashMap::new();
        let mut new = vec![];
        for was in held {
            let (agency, connection) = (was.agency, was.connection);
            let access =
                self.reseal((agency, connection, TokenKind::Access), was.access.as_deref());
            let refresh =
                self.reseal((agency, connection, TokenKind::Refresh), was.refresh.as_deref());
            let changed = u64::from(access.is_some()) + u64::from(refresh.is_some());
            if 0 < changed {
                changes.insert(connection, changed);
                let access = access.or_else(|| was.access.clone());
                let refresh = refresh.or_else(|| was.refresh.clone());
                new.push(Resealed { was, access, refresh });
            }
        }
        let replaced = tx.replace_sealed(&new).await?;
        tx.commit().await?;
        self.tokens += replaced.iter().filter_map(|id| changes.get(id)).sum::<u64>();
        self.seen.extend(replaced);
        (self.tell)(Progress { tokens: self.tokens, of: self.of });
        Ok(())
    }

    /// The token under the first key; `None` when it is already, or there is none, or it is stuck.
    fn reseal(
        &mut self,
        (agency, connection, kind): (AgencyId, ConnectionId, TokenKind),
        sealed: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let sealed = sealed.filter(|sealed| !sealed.starts_with(&self.prefix))?;
        let binding = Binding { agency, connection, kind };
        match self.ctx.config.token_keys.reseal(sealed, binding, &*self.ctx.entropy) {
            Ok(resealed) => Some(resealed),
            Err(cause) => {
                self.stuck.entry(connection).or_default().push(Stuck { connection, kind, cause });
                None
            }
        }
    }

    async fn outcome(self) -> Result<Outcome, Error> {
        let store = &self.ctx.store;
        let left = store.count_sealed_elsewhere(&self.prefix).await?.tokens;
        let listed = store.list_sealed_elsewhere(&self.prefix, LISTED_MAX).await?;
        let listed: HashSet<_> = listed.into_iter().map(|(_, connection)| connection).collect();
        // Whoever was connected again meanwhile has a token that opens.
        let stuck = self.stuck.into_values().flatten();
        let mut stuck: Vec<_> = stuck.filter(|stuck| listed.contains(&stuck.connection)).collect();
        stuck.sort_by_key(|stuck| (stuck.connection.0, stuck.kind == TokenKind::Refresh));
        Ok(Outcome {
            key: self.ctx.config.token_keys.sealing_key()?.to_owned(),
            tokens: self.tokens,
            connections: u64::try_from(self.seen.len()).unwrap_or(u64::MAX),
            left,
            stuck,
        })
    }
}
