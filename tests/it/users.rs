//! Users: whose token is taken, and that each sees their own agency and nothing else, whatever a handler
//! forgets and however they ask.

pub mod agencies;
mod cookies;
mod endpoints;
mod keys;
mod matrix;
mod owners;
mod sessions;
mod tokens;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use ring::hmac;
use serde_json::{Value, json};

use crate::world::{JWT_SECRET, World};

const DASHBOARD: &str = "/api/analytics/dashboard";

/// The id of the user that is number `n`.
pub fn user(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// What Supabase says of that user at the world's hour.
pub fn claims(world: &World, n: u32) -> Value {
    let now = world.now().as_second();
    json!({
        "iss": "https://users.example/auth/v1", "sub": user(n), "aud": "authenticated",
        "role": "authenticated", "iat": now, "exp": now + 3_600, "email": "someone@users.example",
        "session_id": user(99), "is_anonymous": false, "app_metadata": {"provider": "email"}
    })
}

pub fn part(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

/// A token with these very texts in it, signed with HS256. Not the product's own way to sign.
pub fn signed(secret: &str, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// A good token of user `n`.
pub fn token(world: &World, n: u32) -> String {
    signed(JWT_SECRET, HS256, &claims(world, n).to_string())
}

impl World {
    /// An agency that read two creators' month, and users in it: 1 owner, 2 admin, 3 manager, 4 viewer, 5 in
    /// a role that nobody knows. User 6 belongs to no agency, user 7 has no profile.
    pub async fn with_users() -> Self {
        let world = Self::seeded(2, 20).await;
        world.tick().await;
        for (n, role) in (1..).zip(ROLES) {
            let profile = format!(
                "insert into profiles (id, agency_id, role)
                 select '{}', id, '{role}' from agencies where name = 'Agency'",
                user(n)
            );
            world.db.sql(&profile).await;
        }
        let profile = format!("insert into profiles (id, role) values ('{}', 'owner')", user(6));
        world.db.sql(&profile).await;
        world
    }

    /// A request of whoever holds the token.
    pub async fn ask_with(&self, method: &str, uri: &str, token: &str) -> (u16, Value) {
        let request = http::Request::builder().method(method).uri(uri);
        let request = request.header("authorization", format!("Bearer {token}"));
        self.send(request.body(Bytes::new()).unwrap()).await
    }
}

/// The roles of users 1 to 5.
pub const ROLES: [&str; 5] = ["owner", "admin", "manager", "viewer", "chatter"];
