//! Signed in without a Supabase: `/demo` gives the browser the session of a user of the demo agency, as
//! Supabase's libraries would keep it. Only `heartbeat dev` has it, on the loopback address.

use std::sync::Arc;

use app::{Ctx, auth::sign, http::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{HeaderValue, Method, StatusCode, Uri};
use store::UserId;
use uuid::Uuid;

use super::world::{AGENCIES_MAX, AGENCY};
use crate::{Failure, web::Pages};

/// The users, by their roles.
const USERS: [(&str, UserId); 3] = [
    ("owner", UserId(Uuid::from_u128(0xde30_0000_0000_4000_8000_0000_0000_0001))),
    ("manager", UserId(Uuid::from_u128(0xde30_0000_0000_4000_8000_0000_0000_0002))),
    ("viewer", UserId(Uuid::from_u128(0xde30_0000_0000_4000_8000_0000_0000_0003))),
];
/// How long a session lasts.
const SECONDS: i64 = 12 * 3_600;

/// Gives the users their places in the demo agency.
pub(super) async fn settle(ctx: &Ctx) -> Result<(), Failure> {
    let failed = "the demo's users can't be stored";
    let agencies = ctx.store.reader().list_agencies(AGENCIES_MAX).await;
    let agencies = agencies.map_err(Failure::while_doing(failed))?;
    let demo = agencies.into_iter().find(|agency| agency.name == AGENCY);
    let agency = demo.ok_or_else(|| Failure::new("the demo agency is not there"))?.id;
    let tx = ctx.store.begin("settle_demo").await.map_err(Failure::while_doing(failed))?;
    for (role, user) in USERS {
        let put = tx.put_profile(user, agency, role, ctx.clock.now()).await;
        put.map_err(Failure::while_doing(failed))?;
    }
    tx.commit().await.map_err(Failure::while_doing(failed))
}

/// The page that signs in: `/demo`, or `/demo?role=viewer`.
pub(super) fn pages(ctx: &Arc<Ctx>) -> Pages {
    let ctx = Arc::clone(ctx);
    Arc::new(move |method: &Method, uri: &Uri| {
        let is_demo = uri.path() == "/demo" && method == Method::GET;
        is_demo.then(|| sign_in(&ctx, uri.query()))
    })
}

fn sign_in(ctx: &Ctx, query: Option<&str>) -> Response {
    let role = query.map_or(Some("owner"), |query| query.strip_prefix("role="));
    let user = role.and_then(|role| USERS.iter().find(|(known, _)| *known == role));
    let (Some((_, user)), Some(secret)) = (user, ctx.config.users.jwt_secret.as_ref()) else {
        let text = "the roles are /demo?role=owner, manager and viewer\n";
        let mut response = Response::new(Bytes::from_static(text.as_bytes()).into());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let token = sign(secret, *user, ctx.clock.now(), SECONDS);
    let session = serde_json::json!({"access_token": token, "token_type": "bearer"});
    let session = URL_SAFE_NO_PAD.encode(session.to_string());
    let cookie = format!(
        "sb-demo-auth-token=base64-{session}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax"
    );
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static("/"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}
