//! Journeys through the whole product: real Postgres, the real handlers, the simulated Fanvue put
//! under the client at the HTTP message. What a single crate can show by itself is tested there.
#![expect(unreachable_pub, reason = "one test binary: its modules share their items")]

mod architecture;
mod bad_input;
mod budget;
mod dashboard;
mod detector;
mod functions;
mod heartbeat;
mod kill;
mod migrations;
mod world;
