//! Use cases: what each endpoint does, with configuration, credentials and answers.
//!
//! This crate brings `fanvue` (the platform) and `store` (the database) together; neither knows the
//! other. Handlers are plain functions from an HTTP request to an HTTP response, so Vercel, Lambda,
//! the local server and the tests run the same code. Nothing here says SQL, opens a socket by
//! itself, or reads a clock other than [`Ctx::clock`].

pub mod accounts;
pub mod adopting;
pub mod alerts;
pub mod analytics;
pub mod audience;
pub mod auth;
mod budget;
mod clock;
mod config;
pub mod connections;
mod ctx;
mod detector;
pub mod diagnosing;
mod endpoint;
mod error;
mod expensive;
mod finished;
mod function;
pub mod health;
pub mod heartbeat;
pub mod http;
mod inbox;
pub mod jobs;
mod logging;
pub mod login;
pub mod maintenance;
pub mod metrics;
#[cfg(feature = "openapi")]
pub mod openapi;
mod page;
mod platform_time;
pub mod proving;
pub mod query;
mod reading;
pub mod repairs;
pub mod report;
pub mod resealing;
mod routes;
pub mod scheduler;
pub mod scopes;
mod seal;
mod telegram;
pub mod tick;
mod tokens;
pub mod traces;
pub mod webhooks;

pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use config::{Config, ConfigError, TEST_VARIABLES, Telegram, Traces, Users, authorities};
pub use ctx::Ctx;
pub use endpoint::{Endpoint, answer, finish_up, route};
pub use error::Error;
pub use function::Function;
pub use logging::init_logging;
pub use seal::{Binding, SealError, TokenKeys, TokenKind};
