//! The second half: the browser comes back with a code, which becomes a connection.

use fanvue::TokenError;
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use store::NamedLogin;
use url::form_urlencoded;

use super::{app, cookie_name, digest, public_url, redirect_uri, session_of, verifier};
use crate::{
    Ctx, Error,
    connections::{Connected, Destination, connect},
    http::{Problem, Request, Response, chain},
    page::page,
    scopes::{self, Scope},
};

/// The longest query that is read, in bytes: codes and error texts are Fanvue's to choose.
const QUERY_BYTES_MAX: usize = 8192;
/// What the login begins with again.
const AGAIN: &str = "Nothing was changed. Ask for a new link and open it in this browser.";

/// What Fanvue sent the browser back with. Other parameters are Fanvue's business.
#[derive(Debug, Default, PartialEq, Eq)]
struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    description: Option<String>,
}

impl Returned {
    fn of(request: &Request) -> Result<Self, Problem> {
        let text = request.uri().query().unwrap_or_default();
        if QUERY_BYTES_MAX < text.len() {
            return Err(Problem::query_too_long(QUERY_BYTES_MAX));
        }
        let mut returned = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let field = match &*name {
                "code" => &mut returned.code,
                "state" => &mut returned.state,
                "error" => &mut returned.error,
                "error_description" => &mut returned.description,
                _ => continue,
            };
            if field.replace(value.into_owned()).is_some() {
                return Err(Problem::bad_parameter(&name, format!("send {name} once")));
            }
        }
        Ok(returned)
    }
}

/// Answers `GET /api/auth/fanvue/callback` with a page. Only the browser that opened the link can
/// spend its login, once; everything else changes nothing.
///
/// # Errors
/// 400 for doubled parameters, 414, 503 where the app is not configured or without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let returned = Returned::of(request)?;
    let (app, base) = (app(ctx)?, public_url(ctx)?);
    if let Some(error) = &returned.error {
        return Ok(refused(error, returned.description.as_deref()));
    }
    let session = session_of(request, cookie_name(base));
    let (Some(code), Some(state), Some(session)) = (&returned.code, &returned.state, session)
    else {
        return Ok(stranger());
    };
    let now = ctx.clock.now();
    let (state_digest, code_digest) = (digest(state), digest(code));
    let taken = ctx.store.take_login(&state_digest, &digest(session), &code_digest, now).await?;
    let Some(NamedLogin { login, agency_name }) = taken else {
        return Ok(stranger());
    };
    let redirect = redirect_uri(base)?;
    let exchanged =
        ctx.platform.exchange_code(app, code, &verifier(session), redirect.as_str()).await;
    let grant = match exchanged {
        Ok(grant) => grant,
        Err(error) => return Ok(not_exchanged(&error)),
    };
    let kind = login.kind;
    let (scope, has_refresh) = (grant.scope.clone().unwrap_or_default(), grant.refresh.is_some());
    let destination = Destination::from(login);
    let mut response = match connect(ctx, destination, grant).await {
        Ok(connected) => {
            done(&agency_name, &connected, &scopes::missing(kind, &scope, has_refresh))
        }
        Err(Error::Account { problem }) => {
            let texts = [problem, AGAIN.to_owned()];
            page(StatusCode::CONFLICT, "This account can't be connected here", &texts)
        }
        Err(error) => {
            tracing::error!(error = chain(&error), "an account was not connected");
            let text = "Fanvue agreed, but the account could not be stored or read.".to_owned();
            let heading = "The account was not connected";
            page(StatusCode::BAD_GATEWAY, heading, &[text, AGAIN.to_owned()])
        }
    };
    let secure = if base.scheme() == "https" { "; Secure" } else { "" };
    let spent =
        format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", cookie_name(base));
    if let Ok(spent) = HeaderValue::from_str(&spent) {
        response.headers_mut().insert(SET_COOKIE, spent);
    }
    Ok(response)
}

fn done(agency: &str, connected: &Connected, missing: &[Scope]) -> Response {
    let read = match connected.creators {
        _ if connected.unlisted.is_some() => {
            "Its tokens are stored, but Fanvue did not list its creators yet; this is tried again by \
             itself."
                .to_owned()
        }
        0 => {
            "The account manages no creators yet: they are added by themselves when there are some."
                .to_owned()
        }
        1 => "One creator is read from now on.".to_owned(),
        n => format!("{n} creators are read from now on."),
    };
    let mut texts = vec![
        read,
        "Their whole history is read first; the dashboard says how far it is.".to_owned(),
    ];
    texts.extend(missing.iter().map(|scope| {
        format!("Fanvue did not grant {}: it is needed for {}.", scope.name, scope.needed_for)
    }));
    if !missing.is_empty() {
        texts.push(
            "Enable what is missing in the app at Fanvue, then connect the account again.".into(),
        );
    }
    page(StatusCode::OK, &format!("The account is connected to {agency}"), &texts)
}

/// No login of this browser: never begun here, spent, ended, or somebody else's.
fn stranger() -> Response {
    let text = "This browser has no login under way that belongs to this answer. It was used already, \
                it is older than 30 minutes, or it was begun in another browser.";
    let texts = [text.to_owned(), AGAIN.to_owned()];
    page(StatusCode::BAD_REQUEST, "The login can't be finished", &texts)
}

/// Fanvue sent the person back without a code. Its text may be anybody's, so only its kind counts.
fn refused(error: &str, description: Option<&str>) -> Response {
    let text = match error {
        "access_denied" => "The account's owner did not agree, so nothing is connected.".to_owned(),
        "invalid_scope" => {
            let named = description.unwrap_or_default();
            let scope = scopes::SCOPES.iter().find(|scope| {
                named
                    .split(|c: char| !c.is_ascii_lowercase() && c != ':' && c != '_')
                    .any(|word| word == scope.name)
            });
            let which = scope.map_or("one of the scopes", |scope| scope.name);
            format!(
                "The app at Fanvue does not allow {which}. Enable it in the app's settings there, \
                 or list the allowed ones in FANVUE_SCOPES."
            )
        }
        _ => "Fanvue ended the login without saying why.".to_owned(),
    };
    let again = "Nothing was changed. Open the same link again within 30 minutes.".to_owned();
    page(StatusCode::BAD_REQUEST, "Fanvue did not connect the account", &[text, again])
}

fn not_exchanged(error: &TokenError) -> Response {
    tracing::warn!(error = chain(error), "a code was not exchanged");
    let (status, text) = match error {
        TokenError::InvalidGrant => {
            (StatusCode::BAD_REQUEST, "Fanvue does not accept the code: it was used or is too old.")
        }
        TokenError::InvalidClient => (
            StatusCode::BAD_GATEWAY,
            "Fanvue does not accept this server's FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET: \
             the operator has to correct them.",
        ),
        _ => (StatusCode::BAD_GATEWAY, "Fanvue's login service did not answer as it should."),
    };
    page(status, "The account was not connected", &[text.to_owned(), AGAIN.to_owned()])
}
