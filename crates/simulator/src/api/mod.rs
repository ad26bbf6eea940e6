//! The platform's API: routes, and the checks every call passes in the order the real one has them.
//!
//! Version, bearer, bucket, scopes, UUID syntax; validation and 404 belong to each route's own file.

pub(crate) mod agency;
pub(crate) mod audience;
pub(crate) mod earnings;
pub(crate) mod people;
pub(crate) mod summary;
pub(crate) mod webhooks;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use uuid::Uuid;

use crate::{
    answer::{self, Refusal},
    bucket::Allowance,
    oauth::Caller,
    params::Params,
    row::Millis,
    world::World,
};

/// The only version of the API.
const VERSION: &str = "2025-06-26";

/// One call of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// Whether it came under `/v1`.
    pub(crate) v1: bool,
    pub(crate) params: &'a Params,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) now: Millis,
}

/// What is asked for. `Whose` says of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Earnings(Whose<'a>),
    Summary(Whose<'a>),
    Spending,
    Creators,
    AgencyEarnings,
    Audience(audience::Part, Whose<'a>),
    Me,
    Account,
    Subscriptions,
    Subscribe,
    Unsubscribe(&'a str),
}

/// The caller, or a creator named in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose<'a> {
    Caller,
    Creator(&'a str),
}

impl<'a> Route<'a> {
    /// The route of a method and a path without `/v1`, and the path's template.
    pub(crate) fn find(method: &Method, path: &'a str) -> Option<(Route<'a>, &'static str)> {
        const SUBSCRIPTIONS: &str = "/webhooks/subscriptions";
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method.as_str(), &parts[..]) {
            ("GET", _) => {}
            ("POST", ["webhooks", "subscriptions"]) => {
                return Some((Route::Subscribe, SUBSCRIPTIONS));
            }
            ("DELETE", ["webhooks", "subscriptions", id]) => {
                return Some((Route::Unsubscribe(id), "/webhooks/subscriptions/{id}"));
            }
            _ => return None,
        }
        Some(match parts[..] {
            ["webhooks", "subscriptions"] => (Route::Subscriptions, SUBSCRIPTIONS),
            ["insights", "earnings"] => (Route::Earnings(Whose::Caller), "/insights/earnings"),
            ["insights", "earnings", "summary"] => {
                (Route::Summary(Whose::Caller), "/insights/earnings/summary")
            }
            ["insights", "spending"] => (Route::Spending, "/insights/spending"),
            ["creators"] => (Route::Creators, "/creators"),
            ["creators", uuid, "insights", "earnings"] => {
                (Route::Earnings(Whose::Creator(uuid)), "/creators/{uuid}/insights/earnings")
            }
            ["creators", uuid, "insights", "earnings", "summary"] => {
                (Route::Summary(Whose::Creator(uuid)), "/creators/{uuid}/insights/earnings/summary")
            }
            ["agencies", "earnings"] => (Route::AgencyEarnings, "/agencies/earnings"),
            ["users", "me"] => (Route::Me, "/users/me"),
            ["users", "account"] => (Route::Account, "/users/account"),
            _ => return audience::find(&parts),
        })
    }

    /// The creator named in the path.
    pub(crate) fn creator(&self) -> Option<&'a str> {
        match self {
            Route::Earnings(Whose::Creator(uuid))
            | Route::Summary(Whose::Creator(uuid))
            | Route::Audience(_, Whose::Creator(uuid)) => Some(uuid),
            _ => None,
        }
    }

    fn scopes(&self) -> &'static [&'static str] {
        match self {
            Route::Earnings(Whose::Creator(_)) | Route::Summary(Whose::Creator(_)) => {
                &["read:creator", "read:insights"]
            }
            Route::Earnings(_) | Route::Summary(_) | Route::Spending => &["read:insights"],
            Route::Creators | Route::Subscriptions | Route::Subscribe | Route::Unsubscribe(_) => {
                &["read:creator"]
            }
            Route::AgencyEarnings => &["read:agency", "read:creator"],
            Route::Audience(part, whose) => part.scopes(*whose != Whose::Caller),
            Route::Me | Route::Account => &["read:self"],
        }
    }
}

/// Who calls, if the bearer token is good.
pub(crate) fn caller(world: &World, headers: &HeaderMap, now: Millis) -> Option<Caller> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    world.oauth.caller(token.trim(), now).filter(|_| bearer)
}

/// Answers one call.
pub(crate) fn respond(world: &mut World, route: Route<'_>, call: Call<'_>) -> Response<Bytes> {
    if let Err(refusal) = check_version(world, call.headers) {
        return refusal.into_response();
    }
    let Some(caller) = caller(world, call.headers, call.now) else {
        return Refusal::unauthorized().into_response();
    };
    let allowance = take(world, &caller, route, call.now);
    let mut response = match allowance.refused_for {
        Some(_) => Refusal::throttled().into_response(),
        None => checked(world, route, call, &caller).unwrap_or_else(Refusal::into_response),
    };
    let retry_after = allowance.refused_for.filter(|_| world.settings.retry_after);
    answer::rate_headers(&mut response, allowance, retry_after);
    response
}

fn check_version(world: &World, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get("x-fanvue-api-version").and_then(|value| value.to_str().ok());
    match given {
        Some(VERSION) if world.settings.sunset => Err(Refusal::sunset(VERSION)),
        Some(VERSION) => Ok(()),
        _ if !world.settings.strict_version => Ok(()),
        given => Err(Refusal::version(given.unwrap_or_default())),
    }
}

/// Whether the caller's token is good for a scope at the moment.
fn has_scope(world: &World, caller: &Caller, scope: &str) -> bool {
    caller.scopes.iter().any(|granted| granted == scope)
        && !world.settings.withheld_scopes.iter().any(|withheld| withheld == scope)
}

/// Takes a request from the bucket it belongs to: client, user, and creator where one is named.
fn take(world: &mut World, caller: &Caller, route: Route<'_>, now: Millis) -> Allowance {
    let mut key = format!("{}:{}", world.settings.client_id, caller.account);
    let creator = route.creator().filter(|_| world.settings.bucket_per_creator);
    if let Some(creator) = creator.and_then(|text| text.parse::<Uuid>().ok()) {
        key.push_str(&format!(":{creator}"));
    }
    world.buckets.take(key, &world.settings, now)
}

fn checked(
    world: &mut World,
    route: Route<'_>,
    call: Call<'_>,
    caller: &Caller,
) -> Result<Response<Bytes>, Refusal> {
    for scope in route.scopes() {
        if !has_scope(world, caller, scope) {
            return Err(Refusal::forbidden("Insufficient scopes"));
        }
    }
    let admin = caller.account == world.agency && world.settings.agency_admin;
    if route == Route::AgencyEarnings && !admin {
        return Err(Refusal::forbidden("Insufficient permissions"));
    }
    let creator = match route.creator() {
        None => None,
        Some(text) => match text.parse::<Uuid>() {
            Ok(uuid) if text.len() == 36 => Some(uuid),
            _ => return Err(Refusal::message("Invalid creator UUID")),
        },
    };
    match route {
        Route::Earnings(_) => earnings::earnings(world, call, caller, creator),
        Route::Summary(_) => summary::summary(world, call, caller, creator),
        Route::Spending => earnings::spending(world, call, caller),
        Route::Creators => people::creators(world, call, caller),
        Route::AgencyEarnings => agency::earnings(world, call),
        Route::Audience(part, _) => audience::respond(world, part, call, caller, creator),
        Route::Me => people::me(world, call, caller),
        Route::Account => people::account(world, call, caller),
        Route::Subscriptions => webhooks::list(world),
        Route::Subscribe => webhooks::create(world, call, caller),
        Route::Unsubscribe(id) => webhooks::delete(world, id),
    }
}

/// A page of the cursor style.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CursorPage<T> {
    pub(crate) data: Vec<T>,
    pub(crate) next_cursor: Option<String>,
}

/// A page of the page style. `size` is how many rows came, not how many were asked for.
#[derive(Debug, serde::Serialize)]
pub(crate) struct NumberedPage<T> {
    data: Vec<T>,
    pagination: Pagination,
}

#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    page: u32,
    size: usize,
    has_more: bool,
}

/// Cuts one numbered page from a list.
pub(crate) fn numbered<T: serde::Serialize>(
    all: impl Iterator<Item = T>,
    page: u32,
    size: u32,
) -> Response<Bytes> {
    let skip = (page as usize - 1).saturating_mul(size as usize);
    let mut data: Vec<T> = all.skip(skip).take(size as usize + 1).collect();
    let has_more = data.len() > size as usize;
    data.truncate(size as usize);
    let pagination = Pagination { page, size: data.len(), has_more };
    answer::json(StatusCode::OK, &NumberedPage { data, pagination })
}
