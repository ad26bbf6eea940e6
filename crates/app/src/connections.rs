//! Connecting an account: whose it is, its tokens, and the creators it may read.

use std::collections::HashSet;

use fanvue::{AccessToken, Account, CreatorListing, RefreshToken, Routes};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{AgencyId, ConnectionId, CreatorId, Purpose};
use store::{ConnectionKind, NewCreator};

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    tokens::{self, Tokens},
};

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

/// Which agency gets a connection, and what may become it.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    agency: AgencyId,
    /// Name and zone, if the agency is to be made.
    new_agency: Option<(String, String)>,
    kind: ConnectionKind,
    /// The platform's uuid of the account that it must be.
    account_uuid: Option<String>,
}

impl From<store::Login> for Destination {
    fn from(login: store::Login) -> Self {
        let store::Login { agency, new_agency, kind, account_uuid, .. } = login;
        Self { agency, new_agency, kind, account_uuid }
    }
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
    let agencies = ctx.store.list_agencies(1000).await?;
    let known = agencies.into_iter().find(|agency| agency.name == new.agency_name);
    let new_agency = known.is_none().then_some((new.agency_name, new.timezone));
    let agency = known.map_or_else(|| AgencyId(ctx.entropy.uuid()), |agency| agency.id);
    let kind = ConnectionKind::Agency;
    let grant = fanvue::Grant {
        access: new.access_token,
        refresh: new.refresh_token,
        expires_in_seconds: new.expires_in_seconds,
        scope: Some(new.scope),
    };
    connect(ctx, Destination { agency, new_agency, kind, account_uuid: None }, grant).await
}

/// Stores the connection of a fresh grant and imports the creators it may read, whose first read is
/// due at once.
///
/// # Errors
/// [`Error::Account`] when it is not the account that was meant, else as [`connect_agency`].
pub(crate) async fn connect(
    ctx: &Ctx,
    to: Destination,
    grant: fanvue::Grant,
) -> Result<Connected, Error> {
    let (account, routes) = who(ctx, &grant.access).await?;
    check_account(&to, &account)?;
    let creators = match to.kind {
        ConnectionKind::Agency => creators_of(ctx, &grant.access, routes, &account).await?,
        ConnectionKind::Creator => vec![itself(ctx, &account)],
    };
    let agency = to.agency;
    let known = ctx.store.find_connection_of(agency, account.uuid.as_str()).await?;
    let connection = known.unwrap_or_else(|| ConnectionId(ctx.entropy.uuid()));
    let scope = grant.scope.clone().unwrap_or_default();
    let sealed = tokens::seal(ctx, agency, connection, &grant, scope)?;

    let now = ctx.clock.now();
    let tx = ctx.store.begin("connect_account").await?;
    if let Some((name, timezone)) = &to.new_agency {
        tx.create_agency(agency, name, timezone, now).await?;
    }
    let row = store::NewConnection {
        id: connection,
        agency,
        kind: to.kind,
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

fn check_account(to: &Destination, account: &Account) -> Result<(), Error> {
    let name = || account.handle.clone().unwrap_or_else(|| account.uuid.as_str().to_owned());
    let meant = to.account_uuid.as_deref();
    if meant.is_some_and(|meant| meant != account.uuid.as_str()) {
        let problem = format!("You agreed as {}, which is not the account to reconnect.", name());
        return Err(Error::Account { problem });
    }
    if to.kind == ConnectionKind::Creator && !account.is_creator {
        let problem = format!("{} is not a creator's account; connect it as an agency.", name());
        return Err(Error::Account { problem });
    }
    Ok(())
}

/// Lists the creators of every agency connection and adds those who are new, unless that was done
/// within the last minute. A failure holds up nobody: the next tick asks again.
///
/// # Errors
/// [`Error::Store`] when the connections can't be listed.
pub(crate) async fn import_new(
    ctx: &Ctx,
    tokens: &Tokens,
    deadline: Timestamp,
) -> Result<(), Error> {
    let now = ctx.clock.now();
    let listed_before = now.checked_sub(SignedDuration::from_mins(1)).unwrap_or(now);
    for (agency, connection) in ctx.store.claim_listings(now, listed_before).await? {
        if deadline <= ctx.clock.now() {
            break;
        }
        if let Err(error) = import(ctx, tokens, agency, connection).await {
            let error = crate::http::chain(&error);
            tracing::warn!(connection.id = %connection, error, "creators not listed");
        }
    }
    Ok(())
}

async fn import(
    ctx: &Ctx,
    tokens: &Tokens,
    agency: AgencyId,
    connection: ConnectionId,
) -> Result<(), Error> {
    let access = tokens.access(ctx, agency, connection).await?;
    let mut budget = Budget::new(agency, connection, None, true);
    let creators = listed(ctx, &access.token, access.routes, Some(&mut budget)).await?;
    budget.settle(ctx).await?;
    let now = ctx.clock.now();
    let tx = ctx.store.begin("import_creators").await?;
    let new = tx.add_creators(agency, connection, &creators, now).await?;
    if 0 < new {
        tx.advance_revision(agency, now).await?;
        tracing::info!(agency.id = %agency, new, "creators joined");
    }
    Ok(tx.commit().await?)
}

/// Whose token it is, and by which generation of paths the platform serves it.
pub(crate) async fn who(ctx: &Ctx, token: &AccessToken) -> Result<(Account, Routes), Error> {
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
    let mut creators = listed(ctx, token, routes, None).await?;
    if account.is_creator {
        creators.retain(|creator| creator.account_uuid != account.uuid.as_str());
        creators.insert(0, itself(ctx, account));
    }
    Ok(creators)
}

fn itself(ctx: &Ctx, account: &Account) -> NewCreator {
    let (handle, name) = (account.handle.clone(), account.display_name.clone());
    new_creator(ctx, account.uuid.as_str(), handle, name)
}

/// The creators that the account manages, each once. Itself is not among them.
async fn listed(
    ctx: &Ctx,
    token: &AccessToken,
    routes: Routes,
    mut budget: Option<&mut Budget>,
) -> Result<Vec<NewCreator>, Error> {
    let mut creators = vec![];
    for page in 1..=CREATOR_PAGES_MAX {
        if let Some(budget) = &mut budget
            && let Leave::Wait(_) = budget.take(ctx, Purpose::History).await?
        {
            // Whoever is not listed now is listed by a later tick.
            break;
        }
        let answer = ctx.platform.creators_page(token, routes, page).await;
        if let Some(budget) = &mut budget {
            budget.hear(ctx, answer.limits).await?;
        }
        let page = answer.result?;
        let last = !page.has_more || page.creators.is_empty();
        let named = |c: CreatorListing| new_creator(ctx, c.uuid.as_str(), c.handle, c.display_name);
        creators.extend(page.creators.into_iter().map(named));
        if last {
            break;
        }
    }
    let mut seen = HashSet::new();
    creators.retain(|creator| seen.insert(creator.account_uuid.clone()));
    Ok(creators)
}

fn new_creator(
    ctx: &Ctx,
    uuid: &str,
    handle: Option<String>,
    display_name: Option<String>,
) -> NewCreator {
    let name = display_name.or_else(|| handle.clone()).unwrap_or_else(|| uuid.to_owned());
    let id = CreatorId(ctx.entropy.uuid());
    NewCreator { id, name, account_uuid: uuid.to_owned(), handle }
}
