//! Connecting an account: whose it is, its tokens, and the creators it may read.

mod listing;

use fanvue::{AccessToken, Account, Move, RefreshToken, Routes};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{AgencyId, ConnectionId, CreatorId};
use store::{ConnectionKind, CreatorList, NewCreator};

pub(crate) use self::listing::import_new;
use self::listing::list_and_import;
use crate::{Ctx, Error, http::chain, tokens};

/// How long a fresh grant is kept while it can't be stored: a person waits in a browser.
const PATIENCE_SECONDS: i64 = 20;
/// Between two attempts to store it, in seconds.
const PAUSE_SECONDS: i64 = 1;

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
    /// Why the creators that it manages could not be listed yet; the next tick tries again.
    pub unlisted: Option<String>,
}

/// Which agency gets a connection, and what may become it.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    agency: AgencyId,
    /// Name and zone of the agency where it is known by name: it is made if there is none.
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
    let new_agency = Some((new.agency_name, new.timezone));
    let agency = AgencyId(ctx.entropy.uuid());
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
/// due at once. A grant can't be had twice: only whose it is has to be known before it is stored, and
/// what passes by itself while that is asked, or while it is stored, is waited for.
///
/// # Errors
/// [`Error::Account`] when it is not the account that was meant, else as [`connect_agency`].
pub(crate) async fn connect(
    ctx: &Ctx,
    to: Destination,
    grant: fanvue::Grant,
) -> Result<Connected, Error> {
    let (account, routes) = who_surely(ctx, &grant.access).await?;
    check_account(&to, &account)?;
    let owner = (&account, routes);
    let (agency, connection, new_creators) = store_surely(ctx, &to, &grant, owner).await?;
    let mut connected = Connected { agency, connection, creators: 0, new_creators, unlisted: None };
    connected.creators += usize::from(account.is_creator);
    if to.kind == ConnectionKind::Agency {
        match list_and_import(ctx, (agency, connection), &grant.access, routes, None).await {
            Ok((creators, new)) => {
                connected.creators += creators;
                connected.new_creators += new;
            }
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(connection.id = %connection, error, "creators not listed");
                connected.unlisted = Some(error);
            }
        }
    }
    let Connected { creators, new_creators, .. } = connected;
    tracing::info!(agency.id = %agency, creators, new_creators, "connected");
    Ok(connected)
}

/// As [`store_grant`], again where that helps.
async fn store_surely(
    ctx: &Ctx,
    to: &Destination,
    grant: &fanvue::Grant,
    owner: (&Account, Routes),
) -> Result<(AgencyId, ConnectionId, u64), Error> {
    let until = patience_ends(ctx);
    loop {
        let error = match store_grant(ctx, to, grant, owner).await {
            Err(Error::Store(error)) => error,
            stored_or_refused => return stored_or_refused,
        };
        let now = ctx.clock.now();
        // After a duplicate somebody connected the account at the same moment; now it is known.
        if until <= now || !(error.is_duplicate() || error.is_transient()) {
            return Err(error.into());
        }
        tracing::warn!(error = chain(&error), "a fresh grant is not stored yet");
        let pause = SignedDuration::from_secs(PAUSE_SECONDS);
        ctx.clock.sleep_until(now.checked_add(pause).unwrap_or(now)).await;
    }
}

fn patience_ends(ctx: &Ctx) -> Timestamp {
    let now = ctx.clock.now();
    now.checked_add(SignedDuration::from_secs(PATIENCE_SECONDS)).unwrap_or(now)
}

/// Stores the tokens, and the account itself if it is a creator.
async fn store_grant(
    ctx: &Ctx,
    to: &Destination,
    grant: &fanvue::Grant,
    (account, routes): (&Account, Routes),
) -> Result<(AgencyId, ConnectionId, u64), Error> {
    let now = ctx.clock.now();
    let tx = ctx.store.begin("connect_account").await?;
    let agency = match &to.new_agency {
        Some((name, timezone)) => tx.agency_named(to.agency, (name, timezone), now).await?,
        None => to.agency,
    };
    let known = tx.lock_connection_of(agency, account.uuid.as_str()).await?;
    if let Some(known) = known.filter(|known| known.kind != to.kind && !known.is_disconnected) {
        tx.rollback().await?;
        let problem = format!(
            "{} is connected here as an account of kind {}. Connect it as that again, or \
             disconnect it first.",
            name_of(account),
            known.kind.as_str()
        );
        return Err(Error::Account { problem });
    }
    let id = known.map_or_else(|| ConnectionId(ctx.entropy.uuid()), |known| known.id);
    let scope = grant.scope.clone().unwrap_or_default();
    let sealed = tokens::seal(ctx, agency, id, grant, scope)?;
    let row = store::NewConnection {
        id,
        agency,
        kind: to.kind,
        account_uuid: account.uuid.as_str().to_owned(),
        account_handle: account.handle.clone(),
        account_is_creator: account.is_creator,
        routes: tokens::routes_name(routes),
    };
    tx.save_connection(&row, &sealed, now).await?;
    let new = match account.is_creator {
        true => {
            let creators = [itself(ctx, account)];
            let list = CreatorList { creators: &creators, is_whole: false };
            tx.import_creators(agency, id, list, now).await?
        }
        false => 0,
    };
    tx.commit().await?;
    Ok((agency, id, new))
}

fn name_of(account: &Account) -> String {
    account.handle.clone().unwrap_or_else(|| account.uuid.as_str().to_owned())
}

fn check_account(to: &Destination, account: &Account) -> Result<(), Error> {
    let name = || name_of(account);
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

/// As [`who`], again where that helps.
async fn who_surely(ctx: &Ctx, token: &AccessToken) -> Result<(Account, Routes), Error> {
    let until = patience_ends(ctx);
    let mut attempt = 0;
    loop {
        attempt += 1;
        let error = match who(ctx, token).await {
            Err(Error::Platform(error)) => error,
            told => return told,
        };
        let (now, jitter) = (ctx.clock.now(), ctx.entropy.per_mille());
        match fanvue::next_move(&error, attempt, now, until, jitter) {
            Move::RetryAt(at) => ctx.clock.sleep_until(at).await,
            Move::GiveUp => return Err(error.into()),
        }
    }
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

/// An account as the creator that it is.
pub(crate) fn itself(ctx: &Ctx, account: &Account) -> NewCreator {
    let (handle, name) = (account.handle.clone(), account.display_name.clone());
    new_creator(ctx, account.uuid.as_str(), handle, name)
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
