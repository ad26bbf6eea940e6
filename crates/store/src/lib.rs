//! Everything written down: transactions, leases, migrations. The only user of Postgres.
//!
//! One function, one statement, one noun a file. Each statement begins with a comment holding its
//! name, so that `pg_stat_activity` and slow-query logs speak our language. Each is sent with its
//! types, so that it needs no name on the server and works behind a transaction pooler; where the
//! operator says that sessions stay, it is prepared once a connection. Time, ids and randomness are arguments. Nothing here knows HTTP or
//! the platform, and nothing decides: that is `ledger`'s and `app`'s work.

mod accounts;
pub mod admin;
mod agencies;
mod analytics;
mod audience;
mod books;
mod budgets;
mod claims;
mod connections;
mod creators;
mod detector;
mod error;
mod events;
mod evidence;
mod fans;
mod grants;
mod health;
mod listening;
mod logins;
mod migrate;
mod plain_tokens;
mod pool;
mod profiles;
mod provisionals;
mod quarantine;
mod reader;
mod rejects;
mod resealing;
mod rollups;
mod routes;
mod settling;
mod statements;
mod streams;
mod tls;
mod transactions;
mod tx;
mod verify;
mod voids;
mod watches;

pub use accounts::Account;
pub use agencies::Agency;
pub use analytics::{AudienceSum, CreatorFreshness, PartOfDay, RevenueSum, SumBy, SumsAsked};
pub use audience::{
    AudienceClaim, AudienceKind, AudienceLease, Counted, DayOfChanges, Profiled, Spender,
    TrackedLink, Walk,
};
pub use books::LockedBooks;
pub use budgets::{Bucket, Taken, Told};
pub use claims::{Claim, Left, Pick, StreamState};
pub use connections::{Connection, ConnectionKind, NewConnection, SealedGrant};
pub use creators::{Creator, CreatorList, NewCreator};
pub use error::Error;
pub use events::{EventState, NewEvent, StoredEvent};
pub use evidence::{OpenSale, RowPlace, RowsAsked, SalePlace, Transaction};
pub use fans::FanEvent;
pub use grants::Known;
pub use health::{Backlog, Health};
pub use listening::Listener;
pub use logins::{Digest, Login, NamedLogin};
pub use migrate::{Applied, latest_version, migrate};
pub use plain_tokens::{AccountState, PlainToken, Proof};
pub use pool::{Gate, Options, Store};
pub use profiles::{Profile, UserId};
pub use quarantine::QuarantinedEvent;
pub use reader::Reader;
pub use resealing::{Elsewhere, Resealed, Stored};
pub use settling::{Placed, StoredHint};
pub use statements::Statements;
pub use streams::{Failure, Lease, Progress};
pub use tx::Tx;
pub use verify::Drift;
pub use watches::{Totals, Turns, Watch};
