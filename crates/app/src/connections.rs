//! Connecting an account: whose it is, its tokens, and the creators it may read.

use fanvue::{AccessToken, Account, RefreshToken, Routes};
use jiff::tz::TimeZone;
use ledger::{AgencyId, ConnectionId, CreatorId};
use store::{ConnectionKind, NewCreator};

use crate::{Ctx, Error, tokens};

/// The most pages of creators that are imported: 15 a page at least, so some thousands of creators.
const CREATOR_PAGES_MAX: u32 = 400;

/// A pair of tokens with which an agency's account becomes a connection.
#[derive(Debug)]
pub struct NewConnection {
    /// Name of the agency; an agency of that name is used, else one is made.
    pub agency_name: String,
    /// IANA name of the zone its days are counted in, for a new agency.
    pub timezone: String,
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token, if there is one.
    pub refresh_token: Option<RefreshToken>,
    /// Seconds until the access token ends.
    pub expires_in_seconds: i64,
    /// The scopes granted, separated by spaces.
    pub scope: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The agency.
    pub agency: AgencyId,
    /// The connection.
    pub connection: ConnectionId,
    /// Creators that the account may read, itself included if it is one.
    pub creators: usize,
    /// How many of them were new.
    pub new_creators: u64,
}

/// Stores an agency's connection and imports its creators. Doing it again reconnects the account
/// and adds what is new.
///
/// # Errors
/// [`Error::Zone`], [`Error::Platform`] when the platform refuses the token, [`Error::Seal`]
/// without `TOKEN_KEYS`, [`Error::Store`].
pub async fn connect_agency(ctx: &Ctx, new: NewConnection) -> Result<Connected, Error> {
    if TimeZone::get(&new.timezone).is_err() {
        return Err(Error::Zone { name: new.timezone });
    }
    let (account, routes) = who(ctx, &new.access_token).await?;
    let creators = creators_of(ctx, &new.access_token, routes, &account).await?;

    let agencies = ctx.store.list_agencies(1000).await?;
    let known = agencies.into_iter().find(|agency| agency.name == new.agency_name);
    let agency = known.as_ref().map_or_else(|| AgencyId(ctx.entropy.uuid()), |agency| agency.id);
    let connection = ctx
        .store
        .find_connection_of(agency, account.uuid.as_str())
        .await?
        .unwrap_or_else(|| ConnectionId(ctx.entropy.uuid()));
    let grant = fanvue::Grant {
        access: new.access_token,
        refresh: new.refresh_token,
        expires_in_seconds: new.expires_in_seconds,
        scope: None,
    };
    let sealed = tokens::seal(ctx, agency, connection, &grant, new.scope)?;

    let now = ctx.clock.now();
    let tx = ctx.store.begin("connect_agency").await?;
    if known.is_none() {
        tx.create_agency(agency, &new.agency_name, &new.timezone, now).await?;
    }
    let row = store::NewConnection {
        id: connection,
        agency,
        kind: ConnectionKind::Agency,
        account_uuid: account.uuid.as_str().to_owned(),
        account_handle: account.handle.clone(),
        account_is_creator: account.is_creator,
        routes: tokens::routes_name(routes),
    };
    tx.save_connection(&row, &sealed, now).await?;
    let new_creators = tx.import_creators(agency, connection, &creators, now).await?;
    tx.advance_revision(agency, now).await?;
    tx.commit().await?;
    tracing::info!(agency.id = %agency, creators = creators.len(), new_creators, "connected");
    Ok(Connected { agency, connection, creators: creators.len(), new_creators })
}

/// Whose token it is, and by which generation of paths the platform serves it.
async fn who(ctx: &Ctx, token: &AccessToken) -> Result<(Account, Routes), Error> {
    match ctx.platform.me(token, Routes::V1).await.result {
        Err(fanvue::Error::NotFound { .. }) => {
            Ok((ctx.platform.me(token, Routes::Unprefixed).await.result?, Routes::Unprefixed))
        }
        other => Ok((other?, Routes::V1)),
    }
}

async fn creators_of(
    ctx: &Ctx,
    token: &AccessToken,
    routes: Routes,
    account: &Account,
) -> Result<Vec<NewCreator>, Error> {
    let mut creators = vec![];
    let mut add = |uuid: &str, handle: Option<String>, display_name: Option<String>| {
        let name = display_name.or_else(|| handle.clone()).unwrap_or_else(|| uuid.to_owned());
        let id = CreatorId(ctx.entropy.uuid());
        creators.push(NewCreator { id, name, account_uuid: uuid.to_owned(), handle });
    };
    if account.is_creator {
        add(account.uuid.as_str(), account.handle.clone(), account.display_name.clone());
    }
    for page in 1..=CREATOR_PAGES_MAX {
        let page = ctx.platform.creators_page(token, routes, page).await.result?;
        let last = !page.has_more || page.creators.is_empty();
        for creator in page.creators {
            add(creator.uuid.as_str(), creator.handle, creator.display_name);
        }
        if last {
            break;
        }
    }
    let mut seen = std::collections::HashSet::new();
    creators.retain(|creator| seen.insert(creator.account_uuid.clone()));
    Ok(creators)
}
