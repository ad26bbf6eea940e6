//! Connected accounts for people: how they stand, what to do, refresh now, disconnect.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId};
use serde::Serialize;
use store::Account;

use crate::{
    Ctx, Endpoint, Error,
    auth::{Asker, Right, authenticate},
    http::{Problem, Request, Response, chain, json},
    query::Query,
    scopes,
    tokens::{self, Trouble},
};

/// A connection that can't be refreshed for so long past its end needs the operator, in seconds.
const OVERDUE_SECONDS: i64 = 600;

/// Tokens that ended before this instant are overdue.
pub(crate) fn overdue_before(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_secs(OVERDUE_SECONDS)).unwrap_or(now)
}

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ConnectionState"))]
#[serde(rename_all = "camelCase")]
enum State {
    /// It works.
    Active,
    /// Its token has ended and could not be refreshed yet; it is tried again by itself.
    Overdue,
    /// The platform ended it: only a person can connect it again.
    Revoked,
    /// A person disconnected it.
    Disconnected,
}

/// A connection: an account at Fanvue and the right to read it.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Connection"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct View<'a> {
    id: ConnectionId,
    agency_id: AgencyId,
    agency_name: &'a str,
    /// Whether it reads the creators of an agency account, or one creator.
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = ["agency", "creator"])))]
    kind: &'static str,
    account_uuid: &'a str,
    account_handle: Option<&'a str>,
    state: State,
    /// Creators that it reads.
    creators: i64,
    /// Everything of all of them before this instant is in the ledger; null while a history is read.
    as_of: Option<Timestamp>,
    /// The scopes that Fanvue granted.
    scopes: Vec<&'a str>,
    missing_scopes: Vec<Missing>,
    /// When the tokens were obtained.
    obtained_at: Timestamp,
    /// When the access token ends.
    expires_at: Timestamp,
    /// Whether its creators could not be listed since it was connected; it is tried again.
    owes_creators: bool,
    /// When it refreshes itself, if it can.
    refresh_due_at: Option<Timestamp>,
    /// Why the last exchange of tokens failed, if it did.
    last_error: Option<&'a str>,
    /// What a person can do, where there is something to do.
    remedy: Option<Remedy>,
}

/// A scope that the account should allow and doesn't.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "MissingScope"))]
#[serde(rename_all = "camelCase")]
struct Missing {
    scope: &'static str,
    needed_for: &'static str,
}

/// What a person can do.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Remedy {
    text: &'static str,
    /// The call that begins it.
    call: String,
}

/// The connected accounts that the caller may see.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ConnectionList"))]
pub(crate) struct List<'a> {
    connections: Vec<View<'a>>,
}

impl<'a> View<'a> {
    /// Whether its token has ended and could not be renewed in time.
    pub(crate) fn is_overdue(&self) -> bool {
        self.state == State::Overdue
    }

    pub(crate) fn of(account: &'a Account, now: Timestamp) -> Self {
        let state = match account.state.as_str() {
            "disconnected" => State::Disconnected,
            "revoked" => State::Revoked,
            _ if account.expires_at < overdue_before(now) => State::Overdue,
            _ => State::Active,
        };
        // A disconnected account's tokens are erased: they say nothing of what it allows.
        let has_refresh = account.has_refresh || state == State::Disconnected;
        let missing = scopes::missing(account.kind, &account.scope, has_refresh);
        let trouble = account.last_error.as_deref().and_then(Trouble::told);
        let trouble = trouble.and_then(Trouble::remedy);
        let call = format!("GET {}?connectionId={}", Endpoint::Login.path(), account.id);
        let text = match state {
            State::Revoked | State::Active | State::Overdue if !has_refresh => Some(
                "there is no refresh token, so it ends with its access token (expiresAt): enable \
                 offline_access in the app at Fanvue and name it in FANVUE_SCOPES if that is set, \
                 then connect the account again",
            ),
            State::Revoked => Some("Fanvue ended the connection: connect the account again"),
            State::Disconnected => Some("connect the account again to read it"),
            State::Active | State::Overdue if trouble.is_some() => trouble,
            State::Overdue => Some(
                "Fanvue's login service has not renewed the token; it is tried again on each tick. If \
                 it goes on, check FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET, or connect again",
            ),
            State::Active if account.owes_import => Some(
                "Fanvue has not listed its creators yet; sync-transactions tries again. If it goes on, \
                 check the scope read:creator in the app at Fanvue, then connect again",
            ),
            State::Active if !missing.is_empty() => {
                Some("enable the missing scopes in the app at Fanvue, then connect again")
            }
            State::Active => None,
        };
        let works = matches!(state, State::Active | State::Overdue);
        Self {
            id: account.id,
            agency_id: account.agency,
            agency_name: &account.agency_name,
            kind: account.kind.as_str(),
            account_uuid: &account.account_uuid,
            account_handle: account.account_handle.as_deref(),
            state,
            creators: account.creators,
            as_of: account.as_of,
            scopes: account.scope.split_whitespace().collect(),
            missing_scopes: missing
                .iter()
                .map(|scope| Missing { scope: scope.name, needed_for: scope.needed_for })
                .collect(),
            obtained_at: account.obtained_at,
            expires_at: account.expires_at,
            owes_creators: account.owes_import,
            refresh_due_at: (works && has_refresh)
                .then(|| tokens::refresh_due_at(account.obtained_at, account.expires_at)),
            last_error: account.last_error.as_deref(),
            remedy: text.map(|text| Remedy { text, call }),
        }
    }
}

/// Answers `GET /api/auth/fanvue/connections`, of one agency with `agencyId`.
///
/// # Errors
/// 401, 400, 503 without a database.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["agencyId"])?;
    let named = query.uuid("agencyId")?.map(AgencyId);
    let asker = caller.asker(ctx, Right::Figures).await?;
    let accounts = asker.reader.list_accounts(named, None).await?;
    let now = ctx.clock.now();
    let connections = accounts.iter().map(|account| View::of(account, now)).collect();
    json(StatusCode::OK, &List { connections })
}

/// Answers `POST /api/auth/fanvue/refresh?connectionId=…`: exchanges the tokens now, unless they are
/// younger than a minute, and tells how the connection stands.
///
/// # Errors
/// 401, 400, 404; 409 when only connecting again helps, or while another process may hold the new
/// tokens; 502 when Fanvue's login service failed.
pub async fn refresh(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (asker, account) = asked_for(ctx, request, Right::Sync).await?;
    match tokens::refresh_now(ctx, account.agency, account.id).await {
        Ok(()) => told(ctx, &asker, account.id).await,
        Err(Error::Reconnect { reason }) => {
            let detail = format!(
                "{reason}; connect the account again: GET {}?connectionId={}",
                Endpoint::Login.path(),
                account.id
            );
            let title = "The account must be connected again";
            Err(Problem::new(StatusCode::CONFLICT, "reconnect", title, detail))
        }
        Err(Error::Refresh(error)) => {
            tracing::warn!(connection.id = %account.id, error = chain(&error), "token not refreshed");
            let detail = format!(
                "{error}; the account is read until its token ends, and every tick tries again"
            );
            let title = "Fanvue did not refresh the tokens";
            Err(Problem::new(StatusCode::BAD_GATEWAY, "not_refreshed", title, detail))
        }
        Err(held @ Error::Held { .. }) => {
            let title = "The tokens are being refreshed";
            Err(Problem::new(StatusCode::CONFLICT, "held", title, held.to_string()))
        }
        Err(Error::Config(error)) => Err(Problem::not_configured(error.to_string())),
        Err(Error::Seal(error)) => Err(Problem::not_configured(error.to_string())),
        Err(other) => Err(other.into()),
    }
}

/// Answers `POST /api/auth/fanvue/disconnect?connectionId=…`: erases the tokens and stops reading.
/// What is in the ledger stays, and connecting the account again goes on where it stopped.
///
/// # Errors
/// 401, 400, 404, 503 without a database.
pub async fn disconnect(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let (asker, account) = asked_for(ctx, request, Right::Connect).await?;
    let now = ctx.clock.now();
    let tx = ctx.store.begin("disconnect_account").await?;
    tx.disconnect(account.agency, account.id, now).await?;
    tx.commit().await?;
    tracing::info!(connection.id = %account.id, agency.id = %account.agency, "disconnected");
    told(ctx, &asker, account.id).await
}

/// The account that a caller names and may change: one that they can read. What is done to it then is
/// the service's doing.
async fn asked_for(
    ctx: &Ctx,
    request: &Request,
    right: Right,
) -> Result<(Asker, Account), Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["connectionId"])?;
    let id = query.uuid("connectionId")?.ok_or_else(|| {
        let detail = format!("send connectionId: see GET {}", Endpoint::Connections.path());
        Problem::bad_parameter("connectionId", detail)
    })?;
    let asker = caller.asker(ctx, right).await?;
    let account = find(&asker, ConnectionId(id)).await?;
    Ok((asker, account))
}

/// The account of that id, if the one who asks may see it.
pub(crate) async fn find(asker: &Asker, id: ConnectionId) -> Result<Account, Problem> {
    let found = asker.reader.list_accounts(None, Some(id)).await?.into_iter().next();
    found.ok_or_else(|| Problem::not_found("there is no such connection"))
}

async fn told(ctx: &Ctx, asker: &Asker, id: ConnectionId) -> Result<Response, Problem> {
    let account = find(asker, id).await?;
    json(StatusCode::OK, &View::of(&account, ctx.clock.now()))
}
