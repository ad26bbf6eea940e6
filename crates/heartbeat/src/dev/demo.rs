//! Signed in without a Supabase: whoever opens the page on this machine has the session of the demo
//! agency's owner, as Supabase's libraries would keep it; `/demo?role=…` gives another user's. Only `heartbeat dev` has it, on the loopback address.

use std::sync::Arc;

use app::{
    Ctx,
    auth::{authenticate, sign},
    http::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use store::UserId;
use uuid::Uuid;

use super::world::{AGENCIES_MAX, AGENCY};
use crate::Failure;

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

/// What signs a browser in.
pub(crate) struct Demo {
    ctx: Arc<Ctx>,
}

impl Demo {
    pub(super) fn new(ctx: &Arc<Ctx>) -> Self {
        Self { ctx: Arc::clone(ctx) }
    }

    /// The page that signs in, `/demo` or `/demo?role=viewer`; and a refusal for a browser that was led
    /// here by a name that is not this machine's: pages under that name would have the session too, and
    /// everybody knows the secret of `heartbeat dev`.
    pub(crate) fn answer(
        &self,
        method: &Method,
        uri: &Uri,
        asked_with: &HeaderMap,
    ) -> Option<Response> {
        if !is_of_here(asked_with) {
            let mut response =
                Response::new(Bytes::from_static(b"ask for 127.0.0.1 or localhost\n").into());
            *response.status_mut() = StatusCode::MISDIRECTED_REQUEST;
            return Some(response);
        }
        let is_demo = uri.path() == "/demo" && method == Method::GET;
        is_demo.then(|| self.sign_in(uri.query()))
    }

    /// Signs in as the owner whoever was given the page and has no session that is good here: none, or
    /// that of another data folder.
    pub(crate) async fn begin(&self, asked_with: &HeaderMap, response: &mut Response) {
        let is_page = response.headers().get(CONTENT_TYPE);
        let is_page = is_page.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if !is_page {
            return;
        }
        let mut request = http::Request::new(Bytes::new());
        request
            .headers_mut()
            .extend(asked_with.get_all(COOKIE).iter().map(|cookie| (COOKIE, cookie.clone())));
        if authenticate(&self.ctx, &request).await.is_err() {
            let (_, owner) = USERS[0];
            response.headers_mut().extend(self.cookie(owner).map(|cookie| (SET_COOKIE, cookie)));
        }
    }

    fn sign_in(&self, query: Option<&str>) -> Response {
        let role = query.map_or(Some("owner"), |query| query.strip_prefix("role="));
        let user = role.and_then(|role| USERS.iter().find(|(known, _)| *known == role));
        let Some(cookie) = user.and_then(|(_, user)| self.cookie(*user)) else {
            let text = "the roles are /demo?role=owner, manager and viewer\n";
            let mut response = Response::new(Bytes::from_static(text.as_bytes()).into());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        };
        let mut response = Response::new(Bytes::new().into());
        *response.status_mut() = StatusCode::FOUND;
        let headers = response.headers_mut();
        headers.insert(LOCATION, HeaderValue::from_static("/"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(SET_COOKIE, cookie);
        response
    }

    /// A session of that user, as Supabase's libraries keep it.
    fn cookie(&self, user: UserId) -> Option<HeaderValue> {
        let secret = self.ctx.config.users.jwt_secret.as_ref()?;
        let token = sign(secret, user, self.ctx.clock.now(), SECONDS);
        let session = serde_json::json!({"access_token": token, "token_type": "bearer"});
        let session = URL_SAFE_NO_PAD.encode(session.to_string());
        let cookie = format!(
            "sb-demo-auth-token=base64-{session}; Path=/; Max-Age={SECONDS}; HttpOnly; SameSite=Lax"
        );
        let mut cookie = HeaderValue::from_str(&cookie).ok()?;
        cookie.set_sensitive(true);
        Some(cookie)
    }
}

/// Whether the browser was told this machine's own name.
fn is_of_here(asked_with: &HeaderMap) -> bool {
    let host = asked_with.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Demo(…)")
    }
}
