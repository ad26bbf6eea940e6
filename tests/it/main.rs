//! Journeys through the whole product: real Postgres, the real handlers, the simulated Fanvue put
//! under the client at the HTTP message. What a single crate can show by itself is tested there.
#![expect(unreachable_pub, reason = "one test binary: its modules share their items")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod alerts;
mod architecture;
mod audience;
mod bad_input;
mod budget;
mod crash;
mod dashboard;
mod deployment;
mod detector;
mod diagnosing;
mod docs;
mod doctor;
mod expensive;
mod functions;
mod heartbeat;
mod jobs;
mod keys;
mod kill;
mod lambda;
mod lease;
mod live;
mod login;
mod logs;
mod metrics;
mod migrations;
mod openapi;
mod outages;
mod polling;
mod pool;
mod reconciling;
mod round_trips;
mod simulation;
mod slots;
mod soak;
mod tls;
mod tokens;
mod tracing_export;
mod transactions;
mod upgrade;
mod users;
mod webhooks;
mod world;
