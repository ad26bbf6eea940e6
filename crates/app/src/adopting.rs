//! Plain tokens that an older system left in `models`: each is sealed into a connection of its own,
//! and goes from there in the same transaction. Afterwards the creator is read like any other. Before that,
//! what an older system wrote into its ledger since it was set aside is booked, see docs/upgrade.md.

mod agencies;
mod rows;

use fanvue::{AccessToken, CreatorUuid, Grant, RefreshToken, Routes};
use jiff::Timestamp;
use ledger::ConnectionId;
use store::{AccountState, ConnectionKind, NewConnection, PlainToken, Proof};
use uuid::Uuid;

use crate::{Ctx, Error, connections, tokens};

/// Creators that are looked at in one call.
const CREATORS_MAX: i64 = 100;
/// How long a token is used that works, can't be refreshed, and doesn't say when it ends.
const LIFE_UNKNOWN_SECONDS: i64 = 3600;

/// What became of one creator's plain token.
enum Adoption {
    /// It is sealed.
    Done,
    /// Another process was faster.
    Gone,
    /// It stays where it is until a person has mended the reason.
    Left(&'static str),
}

/// Whose token it is, and how the platform serves it.
struct Owner {
    account_uuid: String,
    handle: Option<String>,
    routes: Routes,
    proof: Proof,
}

/// Takes over what an older system left, until `deadline`: rows of its ledger, then its plain tokens. A
/// creator whose rows can't be booked holds up nobody.
///
/// # Errors
/// [`Error::Store`].
pub async fn take_over(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    rows::adopt_rows(ctx, deadline).await?;
    if ctx.config.token_keys.sealing_key().is_ok() {
        agencies::adopt_agencies(ctx, deadline).await?;
    }
    adopt_plain_tokens(ctx, deadline).await
}

/// Accounts whose tokens an older system left in plain text and that are not sealed yet: agencies', and a
/// hundred creators' at most.
///
/// # Errors
/// [`Error::Store`].
pub async fn count_plain_tokens(ctx: &Ctx) -> Result<usize, Error> {
    let creators = ctx.store.list_plain_tokens(ctx.clock.now(), Uuid::nil(), CREATORS_MAX).await?;
    Ok(creators.len() + ctx.store.list_older_connections().await?.len())
}

/// Seals plain tokens until `deadline`. One that can't be sealed yet stays as it is, is written down
/// by its creator's id, and holds up no other.
///
/// # Errors
/// [`Error::Store`] when they can't be listed.
async fn adopt_plain_tokens(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    let list = |start| ctx.store.list_plain_tokens(ctx.clock.now(), start, CREATORS_MAX);
    let mut found = list(Uuid::nil()).await?;
    if found.is_empty() {
        return Ok(());
    }
    if let Err(error) = ctx.config.token_keys.sealing_key() {
        let error = crate::http::chain(&error);
        tracing::error!(error, "plain tokens stay in models until they can be sealed");
        return Ok(());
    }
    if i64::try_from(found.len()) == Ok(CREATORS_MAX) {
        // Those that can't be sealed must not stand in front of the others for ever.
        found = list(ctx.entropy.uuid()).await?;
    }
    for plain in found {
        if deadline <= ctx.clock.now() {
            break;
        }
        let (creator, agency) = (plain.creator, plain.agency);
        match adopt(ctx, &plain).await {
            Ok(Adoption::Done) => {
                tracing::info!(creator.id = %creator, agency.id = %agency, "plain token sealed");
            }
            Ok(Adoption::Gone) => {}
            Ok(Adoption::Left(reason)) => {
                tracing::warn!(creator.id = %creator, agency.id = %agency, reason, "plain token not sealed");
            }
            Err(error) => {
                let error = crate::http::chain(&error);
                tracing::warn!(creator.id = %creator, agency.id = %agency, error, "plain token not sealed");
            }
        }
    }
    Ok(())
}

async fn adopt(ctx: &Ctx, plain: &PlainToken) -> Result<Adoption, Error> {
    let owner = match owner(ctx, plain).await? {
        Ok(owner) => owner,
        Err(reason) => return Ok(Adoption::Left(reason)),
    };
    let account_uuid = owner.account_uuid.as_str();
    let known = ctx.store.find_account_state(plain.agency, account_uuid, plain.creator).await?;
    match known {
        AccountState { is_taken: true, .. } => {
            Ok(Adoption::Left("another creator of the agency has its account; join them by hand"))
        }
        // The account was connected since: the connection's own tokens are the newer ones.
        AccountState { connection: Some(id), is_active: true, .. } => {
            store(ctx, plain, &owner, (id, false)).await
        }
        AccountState { connection: Some(id), is_revoked: true, .. } => {
            store(ctx, plain, &owner, (id, true)).await
        }
        AccountState { connection: None, .. } => {
            store(ctx, plain, &owner, (ConnectionId(ctx.entropy.uuid()), true)).await
        }
        AccountState { connection: Some(_), .. } => {
            Ok(Adoption::Left("its account was disconnected since; connect it again"))
        }
    }
}

/// The account of a token as the platform tells it. Where it doesn't tell, the stored uuid says which
/// connection keeps the tokens; nothing is read with them before the platform has told.
async fn owner(ctx: &Ctx, plain: &PlainToken) -> Result<Result<Owner, &'static str>, Error> {
    let stored = match &plain.account_uuid {
        Some(text) => match CreatorUuid::new(text) {
            Some(uuid) if text.eq_ignore_ascii_case(uuid.as_str()) => Some(uuid),
            _ => return Ok(Err("its fanvue_user_uuid is no uuid as Fanvue spells it; correct it")),
        },
        None => None,
    };
    let told = match &plain.access {
        Some(access) => connections::who(ctx, &AccessToken::new(access.clone())).await,
        None if stored.is_some() => Err(fanvue::Error::Unauthorized.into()),
        None => {
            return Ok(Err(
                "it has a refresh token alone, and nobody knows whose; connect the account",
            ));
        }
    };
    let (account, routes) = match (told, &stored) {
        (Ok(told), _) => told,
        (Err(Error::Platform(error)), Some(stored)) if says_nothing(&error) => {
            if plain.is_shared {
                return Ok(Err("its token stands at another creator too; connect both anew"));
            }
            let proof = match error {
                fanvue::Error::Unauthorized if plain.refresh.is_some() => Proof::Pending,
                fanvue::Error::Unauthorized => {
                    Proof::Impossible("the token that an older system left has ended")
                }
                _ => Proof::Impossible(
                    "the tokens that an older system left may not tell whose they are",
                ),
            };
            let (account_uuid, handle) = (stored.as_str().to_owned(), plain.handle.clone());
            return Ok(Ok(Owner { account_uuid, handle, routes: Routes::V1, proof }));
        }
        (Err(error), _) => return Err(error),
    };
    if stored.as_ref().is_some_and(|stored| *stored != account.uuid) {
        return Ok(Err("its token is another account's than fanvue_user_uuid says; correct it"));
    }
    if !account.is_creator {
        return Ok(Err("its token is of an account that is no creator"));
    }
    let account_uuid = account.uuid.as_str().to_owned();
    Ok(Ok(Owner { account_uuid, handle: account.handle, routes, proof: Proof::Told }))
}

/// The token has ended, or may read earnings but not its own account.
fn says_nothing(error: &fanvue::Error) -> bool {
    matches!(error, fanvue::Error::Unauthorized | fanvue::Error::Forbidden { .. })
}

/// Everything in one transaction, the connection before the creator, as whoever connects an account
/// does.
async fn store(
    ctx: &Ctx,
    plain: &PlainToken,
    owner: &Owner,
    (id, with_tokens): (ConnectionId, bool),
) -> Result<Adoption, Error> {
    let now = ctx.clock.now();
    let sealed = tokens::seal(ctx, plain.agency, id, &grant(plain, owner, now), String::new())?;
    let new = NewConnection {
        id,
        agency: plain.agency,
        kind: ConnectionKind::Creator,
        account_uuid: owner.account_uuid.clone(),
        account_handle: owner.handle.clone(),
        account_is_creator: true,
        routes: tokens::routes_name(owner.routes),
    };
    let tx = ctx.store.begin("adopt_plain_token").await?;
    let is_there = !with_tokens || tx.add_own_connection(&new, &sealed, owner.proof, now).await?;
    let account = (owner.account_uuid.as_str(), owner.handle.as_deref());
    let copies = match is_there {
        true => tx.adopt_creator(plain, id, account, now).await?,
        false => None,
    };
    let Some(copies) = copies else {
        tx.rollback().await?;
        return Ok(Adoption::Gone);
    };
    tx.commit().await?;
    for copy in copies {
        let sealed_at = plain.creator;
        tracing::warn!(creator.id = %copy, %sealed_at, "its plain token was a copy, and is erased; connect it anew");
    }
    Ok(Adoption::Done)
}

/// The pair with what is left of its life; an access token that is missing has none. Where that isn't
/// known, or Fanvue did not accept it, it is over, so that a refresh comes first; but a token that works and can't be refreshed is used.
fn grant(plain: &PlainToken, owner: &Owner, now: Timestamp) -> Grant {
    let left = |at: Timestamp| at.duration_since(now).as_secs();
    let is_accepted = owner.proof == Proof::Told;
    let unknown = if is_accepted && plain.refresh.is_none() { LIFE_UNKNOWN_SECONDS } else { 0 };
    Grant {
        access: AccessToken::new(plain.access.clone().unwrap_or_default()),
        refresh: plain.refresh.as_ref().map(|text| RefreshToken::new(text.clone())),
        expires_in_seconds: match plain.expires_at {
            Some(at) if is_accepted => left(at),
            _ => unknown,
        },
        scope: None,
    }
}
