//! Tokens that are verified with public keys: which keys are taken, when they are asked for, and that no
//! key is used for what it is not.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use app::{Ctx, SystemEntropy};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use fanvue::{Transport, TransportError, TransportErrorKind};
use futures_util::{future::BoxFuture, future::join_all};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use super::{DASHBOARD, claims, part, signed};
use crate::world::{World, config};

/// The modulus of an RSA key whose private half is gone.
const RSA_N: &str = "vrqcHTpoUiQUB4TvfJ0ltQLMIPA45wz8HnnWcnDZCAcMqD_aOcwYWlCOUNTJHxCQa4llIPoHUOWwT-eWOz1hsfpCA2fyR5zE_JUhomWHH9OdDN6tiqykHxrKYkBPHURuURykk1vyyivD9Y2qZIIAPMDOZOe7pvQexmzMgt7pm-4EEJ1DoGVsbnbYvOSYCwpQ8e1Aj_w8kNNsasMQksWjEo1XN3qHWyi_q1fAQ8tFKKitH3rBCjLqk973sw3eYy0LyjY_475fc2wTy991kmgI_9uJ2AnweCWd35W2TmttFsPlH264Xx2x1Y5i1sJf6-GaEYkQ3e7vFCbLw5zgR07gIQ";
/// What it signed once: a token of user 161 (0xa1), good for an hour from the world's first instant on.
const RSA_TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwicm9sZSI6ImF1dGhlbnRpY2F0ZWQiLCJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwYTEiLCJpYXQiOjE3OTUyNTUyMDAsImV4cCI6MTc5NTI1ODgwMCwiaXNzIjoiaHR0cHM6Ly91c2Vycy5leGFtcGxlL2F1dGgvdjEifQ.ACrX9cR61v2eNDcbncRfdcsedKI_gmj5Q1fw9PYtvWvd75MHYoapwZeCq7emOdD242fIy53QmsGAnzhJmjhSfSGTZp0SvSHnE_GYVAKcd74DC32slz64YspJrC-_Tz_GM70dM5-SeARarWgI3GQ5CnDtAWlnlATiU6mGeEoLDy2j8XgR_LkLY20Lryy6IAlz6Z9qyj8pVBpodFu3tlN5IDWlYoahFtwR_2yizj7aZNj1zzp1YEnr6dYtIAcfa3kdL7vJxaeybj-MwsRB-6QwdPeKQd1dNokFuC3evIzjWbNdcAMgyWDZdF7IGOJSC2ohvUKwFtS0JysAkpJ6LdXmdg";

/// Answers with a set of keys, and counts how often.
struct KeyServer {
    answer: Mutex<Option<(u16, Vec<u8>)>>,
    asked: AtomicU32,
}

impl Transport for KeyServer {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        assert_eq!(request.uri(), "https://users.example/auth/v1/.well-known/jwks.json");
        assert!(!request.headers().contains_key("authorization"));
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.lock().unwrap().clone();
        let answer = answer.ok_or(TransportErrorKind::Timeout.into()).map(|(status, body)| {
            http::Response::builder().status(status).body(body.into()).unwrap()
        });
        Box::pin(std::future::ready(answer))
    }
}

struct Stage {
    world: World,
    server: Arc<KeyServer>,
    pair: EcdsaKeyPair,
}

impl Stage {
    /// Users' tokens are verified with public keys and nothing else. User 161 is an owner too.
    async fn set() -> Self {
        let mut world = World::with_users().await;
        let profile = format!(
            "insert into profiles (id, agency_id, role) select '{}', id, 'owner' from agencies",
            super::user(0xa1)
        );
        world.db.sql(&profile).await;
        let server = KeyServer { answer: Mutex::default(), asked: AtomicU32::new(0) };
        let server = Arc::new(server);
        let mut config = config(&world.db.url, "http://127.0.0.1:1");
        let url = "https://users.example/auth/v1/.well-known/jwks.json";
        config.users = app::Users {
            jwt_secret: None,
            jwks_url: Some(url.parse().unwrap()),
            jwt_issuer: Some("https://users.example/auth/v1".to_owned()),
        };
        let (clock, entropy) = (Arc::clone(&world.clock), Arc::new(SystemEntropy));
        let transport: Arc<dyn Transport> = Arc::clone(&server) as _;
        world.ctx = Ctx::with(config, transport, clock, entropy).unwrap();
        let random = SystemRandom::new();
        let way = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(way, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(way, pkcs8.as_ref(), &random).unwrap();
        let stage = Self { world, server, pair };
        stage.serve(&json!({"keys": [stage.ec(), rsa()]}));
        stage
    }

    fn serve(&self, set: &Value) {
        self.answer(Some((200, set.to_string().into_bytes())));
    }

    fn answer(&self, answer: Option<(u16, Vec<u8>)>) {
        *self.server.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> u32 {
        self.server.asked.load(Ordering::SeqCst)
    }

    fn point(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn ec(&self) -> Value {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = (part(&self.point()[1..33]), part(&self.point()[33..]));
        json!({
            "kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "use": "sig",
            "key_ops": ["verify"], "ext": true, "x": x, "y": y
        })
    }

    /// User 1's token with that header, signed with the EC key.
    fn token(&self, header: &str) -> String {
        let message = format!("{}.{}", part(header), part(&claims(&self.world, 1).to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    async fn status(&self, token: &str) -> u16 {
        self.world.ask_with("GET", DASHBOARD, token).await.0
    }
}

fn rsa() -> Value {
    json!({"kty": "RSA", "kid": "rsa", "alg": "RS256", "use": "sig", "n": RSA_N, "e": "AQAB"})
}

const ES256: &str = r#"{"alg":"ES256","kid":"ec","typ":"JWT"}"#;

#[tokio::test]
async fn tokens_of_both_kinds_of_keys_are_taken_and_the_keys_are_asked_for_once() {
    let stage = Stage::set().await;
    let good = stage.token(ES256);
    let statuses = join_all((0..8).map(|_| stage.status(&good))).await;
    assert_eq!(statuses, [200; 8]);
    assert_eq!(stage.status(RSA_TOKEN).await, 200);
    assert_eq!(stage.asked(), 1);
    let touched = RSA_TOKEN.replacen("eyJhdWQ", "eyJhdWR", 1);
    assert_eq!(stage.status(&touched).await, 401);
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret_and_no_key_is_used_for_another_algorithm() {
    let mut stage = Stage::set().await;
    let claims = claims(&stage.world, 1).to_string();
    let point: String = stage.point().iter().map(|byte| char::from(*byte)).collect();
    let set = stage.ec().to_string();
    for pass in 0..2 {
        for secret in [RSA_N, set.as_str(), point.as_str(), ""] {
            for kid in ["rsa", "ec"] {
                for alg in ["HS256", "RS256", "ES256"] {
                    let header = json!({"alg": alg, "kid": kid}).to_string();
                    let forged = signed(secret, &header, &claims);
                    assert_eq!(stage.status(&forged).await, 401, "{alg} {kid}");
                }
            }
        }
        for header in [
            r#"{"alg":"RS256","kid":"ec"}"#,
            r#"{"alg":"ES256","kid":"rsa"}"#,
            r#"{"alg":"HS256","kid":"ec"}"#,
            r#"{"alg":"none","kid":"ec"}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"ES384","kid":"ec"}"#,
        ] {
            assert_eq!(stage.status(&stage.token(header)).await, 401, "{header}");
        }
        // And with a shared secret beside them.
        let secret = crate::world::JWT_SECRET.to_owned().into();
        stage.world.ctx.config.users.jwt_secret = Some(secret);
        assert_eq!(stage.status(&stage.token(ES256)).await, 200, "pass {pass}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_at_most_every_half_minute() {
    let stage = Stage::set().await;
    assert_eq!(stage.status(&stage.token(ES256)).await, 200);
    for n in 0..20 {
        let header = format!(r#"{{"alg":"ES256","kid":"{n}"}}"#);
        assert_eq!(stage.status(&stage.token(&header)).await, 401);
    }
    assert_eq!(stage.asked(), 1, "it was asked just now");
    // The key was changed: the first token of the new one brings it.
    let mut renamed = stage.ec();
    renamed["kid"] = json!("ec-2");
    stage.serve(&json!({"keys": [renamed]}));
    let new = stage.token(r#"{"alg":"ES256","kid":"ec-2"}"#);
    assert_eq!(stage.status(&new).await, 401);
    stage.world.advance(30);
    assert_eq!(stage.status(&new).await, 200);
    assert_eq!(stage.status(&stage.token(ES256)).await, 401, "the old one is gone");
    assert_eq!(stage.asked(), 2);
}

#[tokio::test]
async fn old_keys_bridge_an_outage_and_no_more() {
    let stage = Stage::set().await;
    assert_eq!(stage.status(&stage.token(ES256)).await, 200);
    for answer in [
        None,
        Some((500, vec![])),
        Some((302, b"{}".to_vec())),
        Some((200, b"<html>".to_vec())),
        Some((200, br#"{"keys":[]}"#.to_vec())),
        Some((200, [br#"{"keys":["#.to_vec(), vec![b' '; 70_000], b"]}".to_vec()].concat())),
    ] {
        stage.world.advance(599);
        stage.answer(answer);
        assert_eq!(stage.status(&stage.token(ES256)).await, 200);
    }
    stage.world.advance(60);
    assert_eq!(stage.status(&stage.token(ES256)).await, 503);
    stage.serve(&json!({"keys": [stage.ec()]}));
    stage.world.advance(30);
    assert_eq!(stage.status(&stage.token(ES256)).await, 200);
}

#[tokio::test]
async fn nobody_is_let_in_before_the_keys_are_there() {
    let stage = Stage::set().await;
    stage.answer(None);
    assert_eq!(stage.status(&stage.token(ES256)).await, 503);
    assert_eq!(stage.status(&stage.token(ES256)).await, 503);
    assert_eq!(stage.asked(), 1);
}

#[tokio::test]
async fn a_set_is_read_key_by_key_and_odd_ones_are_passed_over() {
    let stage = Stage::set().await;
    let with = |name: &str, value: Value| {
        let mut key = stage.ec();
        key[name] = value;
        key
    };
    let shared = URL_SAFE_NO_PAD.encode(crate::world::JWT_SECRET);
    let odd = [
        json!({"kty": "oct", "kid": "ec", "alg": "HS256", "k": shared}),
        json!({"kty": "oct", "kid": "ec", "alg": "ES256", "k": shared}),
        with("use", json!("enc")),
        with("alg", json!("RS256")),
        with("alg", json!("HS256")),
        with("crv", json!("P-384")),
        with("x", json!("AA")),
        with("kid", json!(null)),
        with("kid", json!("x".repeat(300))),
        json!("no key"),
        json!(null),
    ];
    let good = stage.ec();
    for key in &odd {
        stage.serve(&json!({"keys": [key, rsa()]}));
        stage.world.advance(600);
        assert_eq!(stage.status(&stage.token(ES256)).await, 401, "{key}");
        stage.serve(&json!({"keys": [key, good]}));
        stage.world.advance(30);
        assert_eq!(stage.status(&stage.token(ES256)).await, 200, "{key}");
    }
}
