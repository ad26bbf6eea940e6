//! Plain tokens of agencies' accounts that an older system left in a table of its own: each becomes a
//! connection, and goes from there in the same transaction.

use fanvue::{AccessToken, CreatorUuid, Grant, RefreshToken, Routes};
use jiff::Timestamp;
use ledger::{ConnectionId, CreatorId};
use store::{ConnectionKind, CreatorList, NewConnection, NewCreator, OlderConnection, Proof};
use uuid::Uuid;

use super::says_nothing;
use crate::{Ctx, Error, connections, tokens};

/// Whose tokens they are, as far as anybody says it.
struct Owner {
    account_uuid: String,
    handle: Option<String>,
    routes: Routes,
    proof: Proof,
    /// The account as a creator, if it is one.
    itself: Option<NewCreator>,
}

/// Seals them until `deadline`. One that can't be sealed yet stays as it is and holds up no other.
///
/// # Errors
/// [`Error::Store`] when they can't be listed.
pub(super) async fn adopt_agencies(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    for older in ctx.store.list_older_connections().await? {
        if deadline <= ctx.clock.now() {
            break;
        }
        let agency = older.agency;
        match adopt(ctx, &older).await {
            Ok(None) => tracing::info!(agency.id = %agency, "an agency's plain token sealed"),
            Ok(Some(reason)) => {
                tracing::warn!(agency.id = %agency, reason, "an agency's plain token not sealed");
            }
            Err(error) => {
                let error = crate::http::chain(&error);
                tracing::warn!(agency.id = %agency, error, "an agency's plain token not sealed");
            }
        }
    }
    Ok(())
}

/// `None` when nothing of it is left in plain text, else why it stays.
async fn adopt(ctx: &Ctx, older: &OlderConnection) -> Result<Option<&'static str>, Error> {
    let owner = match owner(ctx, older).await? {
        Ok(owner) => owner,
        Err(reason) => return Ok(Some(reason)),
    };
    let now = ctx.clock.now();
    let tx = ctx.store.begin("adopt_older_connection").await?;
    // The account was connected since: the connection's own tokens are the newer ones.
    if tx.lock_connection_of(older.agency, &owner.account_uuid).await?.is_none() {
        let id = ConnectionId(ctx.entropy.uuid());
        let sealed =
            tokens::seal(ctx, older.agency, id, &grant(older, &owner, now), String::new())?;
        let new = NewConnection {
            id,
            agency: older.agency,
            kind: ConnectionKind::Agency,
            account_uuid: owner.account_uuid,
            account_handle: owner.handle,
            account_is_creator: owner.itself.is_some(),
            routes: tokens::routes_name(owner.routes),
        };
        tx.add_own_connection(&new, &sealed, owner.proof, now).await?;
        if let Some(itself) = owner.itself {
            let list = CreatorList { creators: &[itself], is_whole: false };
            tx.import_creators(older.agency, id, list, now).await?;
        }
    }
    if !tx.forget_older_connection(older).await? {
        tx.rollback().await?;
        return Ok(Some("it was changed meanwhile"));
    }
    tx.commit().await?;
    Ok(None)
}

/// The account as the platform tells it; where the token has ended, as the older system has it, which is
/// believed only when the platform has said the same after a refresh.
async fn owner(ctx: &Ctx, older: &OlderConnection) -> Result<Result<Owner, &'static str>, Error> {
    let Some(access) = &older.access else {
        return Ok(Err("it has a refresh token alone; connect the account"));
    };
    let error = match connections::who(ctx, &AccessToken::new(access.clone())).await {
        Ok((account, routes)) => {
            return Ok(Ok(Owner {
                account_uuid: account.uuid.as_str().to_owned(),
                handle: account.handle.clone(),
                routes,
                proof: Proof::Told,
                itself: account.is_creator.then(|| connections::itself(ctx, &account)),
            }));
        }
        Err(Error::Platform(error)) if says_nothing(&error) => error,
        Err(error) => return Err(error),
    };
    let Some(uuid) = older.account_uuid.as_deref().and_then(CreatorUuid::new) else {
        return Ok(Err("its fanvue_user_id is no uuid as Fanvue spells it; connect the account"));
    };
    let proof = match error {
        fanvue::Error::Unauthorized if older.refresh.is_some() => Proof::Pending,
        fanvue::Error::Unauthorized => {
            Proof::Impossible("the token that an older system left has ended")
        }
        _ => Proof::Impossible("the tokens that an older system left may not tell whose they are"),
    };
    let account_uuid = uuid.as_str().to_owned();
    let nobody = CreatorId(Uuid::nil());
    let known = ctx.store.find_account_state(older.agency, &account_uuid, nobody).await?;
    let itself = known.is_taken.then(|| NewCreator {
        id: CreatorId(ctx.entropy.uuid()),
        name: account_uuid.clone(),
        account_uuid: account_uuid.clone(),
        handle: None,
    });
    Ok(Ok(Owner { account_uuid, handle: None, routes: Routes::V1, proof, itself }))
}

/// The pair with what is left of its life; one that was not accepted has none, so that a refresh comes first.
fn grant(older: &OlderConnection, owner: &Owner, now: Timestamp) -> Grant {
    let is_accepted = owner.proof == Proof::Told;
    let left = older.expires_at.filter(|_| is_accepted);
    Grant {
        access: AccessToken::new(older.access.clone().unwrap_or_default()),
        refresh: older.refresh.as_ref().map(|text| RefreshToken::new(text.clone())),
        expires_in_seconds: left.map_or(0, |at| at.duration_since(now).as_secs()),
        scope: None,
    }
}
