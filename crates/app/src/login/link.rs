//! The first half: a link for whoever asks and may, and the way to Fanvue for whoever opens it.

use fanvue::AuthorizeAsk;
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{AgencyId, ConnectionId};
use serde::Serialize;
use store::{ConnectionKind, Login, NamedLogin};

use super::{LOGIN_SECONDS, app, cookie_name, digest, public_url, redirect_uri, secret, verifier};
use crate::{
    Ctx, Endpoint,
    accounts::find,
    auth::{Asker, Right, authenticate},
    http::{Problem, Request, Response, json},
    page::{Link, page, page_with, private},
    query::Query,
    scopes,
};

/// The longest name of an agency, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 100;

/// A link that connects an account. It holds a secret: give it to nobody but the account's owner.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "LoginLink"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// To be opened in a browser.
    login_url: String,
    /// When it stops to work.
    expires_at: Timestamp,
    /// The agency that the account will belong to.
    agency_id: AgencyId,
}

/// Answers `GET /api/auth/fanvue/login`: with a `ticket` sends the browser to Fanvue, else gives
/// whoever may connect accounts a link to open in a browser, or to send to the account's owner.
///
/// # Errors
/// 401, 403, 400 for parameters, 404 for an unknown agency or connection, 503 where the app's credentials
/// or the public address are not configured.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let known = ["ticket", "agencyId", "agencyName", "timezone", "kind", "connectionId"];
    let query = Query::parse(request, &known)?;
    if let Some(ticket) = query.get("ticket") {
        return open(ctx, ticket).await;
    }
    let caller = authenticate(ctx, request).await?;
    app(ctx)?;
    let base = public_url(ctx)?;
    let asker = caller.asker(ctx, Right::Connect).await?;
    let login = wanted(ctx, &asker, &query).await?;
    let ticket = secret(&*ctx.entropy);
    let now = ctx.clock.now();
    let expires_at = now.checked_add(SignedDuration::from_secs(LOGIN_SECONDS)).unwrap_or(now);
    ctx.store.begin_login(&login, &digest(&ticket), now, expires_at).await?;
    let mut login_url = base.join(Endpoint::Login.path()).map_err(|_| Problem::internal())?;
    login_url.query_pairs_mut().append_pair("ticket", &ticket);
    let answer = Answer { login_url: login_url.into(), expires_at, agency_id: login.agency };
    let mut response = json(StatusCode::OK, &answer)?;
    private(&mut response);
    Ok(response)
}

/// What the parameters ask to connect.
async fn wanted(ctx: &Ctx, asker: &Asker, query: &Query) -> Result<Login, Problem> {
    let kind = match query.get("kind") {
        None => ConnectionKind::Agency,
        Some(name) => ConnectionKind::of(name)
            .ok_or_else(|| Problem::bad_parameter("kind", "kind is agency or creator"))?,
    };
    let login = |agency, new_agency, kind, account_uuid| Login {
        id: ctx.entropy.uuid(),
        agency,
        new_agency,
        kind,
        account_uuid,
    };
    if let Some(id) = query.uuid("connectionId")? {
        if ["agencyId", "agencyName", "timezone", "kind"].iter().any(|n| query.get(n).is_some()) {
            let detail = "a connectionId says it all: leave out the other parameters";
            return Err(Problem::bad_parameter("connectionId", detail));
        }
        let account = find(asker, ConnectionId(id)).await?;
        return Ok(login(account.agency, None, account.kind, Some(account.account_uuid)));
    }
    let zone = query.get("timezone");
    if let Some(name) = zone.filter(|name| TimeZone::get(name).is_err()) {
        let shown: String = name.chars().take(40).collect();
        let detail = format!("'{shown}' is no IANA time zone, such as Europe/Rome");
        return Err(Problem::bad_parameter("timezone", detail));
    }
    let agencies = asker.reader.list_agencies(1000).await?;
    let known = match (query.uuid("agencyId")?, query.get("agencyName")) {
        (Some(_), Some(_)) => {
            let detail = "send agencyId for an agency that exists, or agencyName for a new one";
            return Err(Problem::bad_parameter("agencyName", detail));
        }
        (Some(id), None) => {
            let is_there = agencies.iter().any(|agency| agency.id.0 == id);
            Some(
                is_there
                    .then_some(AgencyId(id))
                    .ok_or_else(|| Problem::not_found("there is no such agency"))?,
            )
        }
        (None, Some(name)) => {
            agencies.iter().find(|agency| agency.name == name).map(|agency| agency.id)
        }
        (None, None) => match agencies.as_slice() {
            [only] => Some(only.id),
            _ => {
                let detail = "say which agency: agencyId, or agencyName and timezone for a new one";
                return Err(Problem::bad_parameter("agencyId", detail));
            }
        },
    };
    match (known, zone) {
        (Some(_), Some(_)) => {
            let detail = "the agency exists and has its time zone: leave timezone out";
            Err(Problem::bad_parameter("timezone", detail))
        }
        (Some(agency), None) => Ok(login(agency, None, kind, None)),
        (None, _) if asker.own_agency().is_some() => {
            let detail = "accounts are connected to your own agency: leave agencyName out";
            Err(Problem::bad_parameter("agencyName", detail))
        }
        (None, zone) => {
            let new = (new_name(query)?, zone.unwrap_or("UTC").to_owned());
            Ok(login(AgencyId(ctx.entropy.uuid()), Some(new), kind, None))
        }
    }
}

fn new_name(query: &Query) -> Result<String, Problem> {
    let name = query.get("agencyName").unwrap_or_default();
    if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
        let detail = format!("a name has 1 to {NAME_CHARS_MAX} characters");
        return Err(Problem::bad_parameter("agencyName", detail));
    }
    Ok(name.to_owned())
}

/// Binds the login to this browser and says who will read the account; from there it is one click to
/// Fanvue, whose own page names the app and no agency: a link may come from anybody. Opening the link
/// again binds it anew, so that a preview of it doesn't use it up.
async fn open(ctx: &Ctx, ticket: &str) -> Result<Response, Problem> {
    let (app, base) = (app(ctx)?, public_url(ctx)?);
    let (state, session) = (secret(&*ctx.entropy), secret(&*ctx.entropy));
    let now = ctx.clock.now();
    let opened =
        ctx.store.open_login(&digest(ticket), &digest(&state), &digest(&session), now).await?;
    let Some(NamedLogin { login, agency_name }) = opened else {
        let text = "It was used, or it is older than 30 minutes. Ask for a new one.".to_owned();
        return Ok(page(StatusCode::GONE, "This link no longer works", &[text]));
    };
    let asked = ctx.config.fanvue_scopes.clone();
    let asked =
        asked.unwrap_or_else(|| scopes::asked(login.kind).into_iter().map(str::to_owned).collect());
    let back = redirect_uri(base)?;
    let ask = AuthorizeAsk {
        client_id: &app.client_id,
        redirect_uri: back.as_str(),
        scopes: &asked.iter().map(String::as_str).collect::<Vec<_>>(),
        state: &state,
        challenge: &fanvue::challenge(&verifier(&session)),
        // Whoever is logged in already may be somebody else.
        fresh_login: true,
    };
    let url = fanvue::authorize_url(ctx.platform.endpoints(), &ask);
    let mut response = agreement(&agency_name, login.kind, url.as_str());
    let is_https = base.scheme() == "https";
    let cookie = format!(
        "{}={session}; Path=/; Max-Age={LOGIN_SECONDS}; HttpOnly; SameSite=Lax{}",
        cookie_name(base),
        if is_https { "; Secure" } else { "" }
    );
    let cookie = HeaderValue::from_str(&cookie).map_err(|_| Problem::internal())?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    tracing::info!(agency.id = %login.agency, kind = login.kind.as_str(), "login opened");
    Ok(response)
}

/// Who will read what, and the way to Fanvue.
fn agreement(agency: &str, kind: ConnectionKind, url: &str) -> Response {
    let whose = match kind {
        ConnectionKind::Agency => "the creators of this agency account",
        ConnectionKind::Creator => "this creator",
    };
    let texts = [
        format!(
            "Whoever agrees at Fanvue next lets the team of {agency} see what {whose} earn, and from whom."
        ),
        format!("If you don't work with {agency}, close this page: nothing is connected."),
    ];
    let go = Link { to: url, text: "Continue to Fanvue" };
    page_with(StatusCode::OK, &format!("Connect an account to {agency}"), &texts, &go)
}
