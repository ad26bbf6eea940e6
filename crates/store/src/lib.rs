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
mod alerts;
mod analytics;
mod audience;
mod books;
mod budgets;
mod claims;
mod connections;
mod content_tasks;
mod creators;
mod detector;
mod diagnosing;
mod erasing;
mod error;
mod events;
mod evidence;
mod examining;
mod expensive_calls;
mod failure_code;
mod fan_days;
mod fans;
mod figures;
mod grants;
mod health;
mod job_beginning;
mod jobs;
mod listening;
mod logins;
mod metrics;
mod migrate;
mod migrations;
mod plain_tokens;
mod pool;
mod profiles;
mod proving;
mod provisionals;
mod quarantine;
mod reader;
mod rebuilding;
mod receipts;
mod rejects;
mod repairs;
mod resealing;
mod rollups;
mod routes;
mod settling;
mod shifts;
mod standing;
mod statements;
mod steps;
mod streams;
mod sums;
mod time;
mod tls;
mod transactions;
mod trust;
mod tx;
mod upgrade;
mod verify;
mod voids;
mod watches;

pub use accounts::Account;
pub use agencies::Agency;
pub use alerts::{Alert, AlertEnd, AlertKind, HeldAlerts, PutBack, WaitingAlerts};
pub use analytics::CreatorFreshness;
pub use audience::{
    AudienceAsked, AudienceClaim, AudienceKind, AudienceLease, AudienceStanding, AudienceSum,
    AudienceTrouble, Counted, DayOfChanges, Emptied, Profiled, Spender, TrackedLink, Walk,
};
pub use books::LockedBooks;
pub use budgets::{Bucket, Taken, Told};
pub use claims::{Claim, Left, Pick, StreamState};
pub use connections::{Connection, ConnectionKind, NewConnection, SealedGrant};
pub use creators::{Creator, CreatorList, NewCreator};
pub use diagnosing::{
    AskedAbout, BooksAsked, CreatorDay, HeldBooks, HeldConnection, Moment, StoredReject,
};
pub use error::Error;
pub use events::{EventState, NewEvent, StoredEvent};
pub use evidence::{OpenSale, RowPlace, RowsAsked, SalePlace, Transaction};
pub use examining::{
    AccountFacts, AgencyFacts, AlertFacts, AudienceFacts, CreatorFacts, EventFacts, Examiner,
    Expected, History, Index, JobFacts, MoneyFacts, NotReached, Policy, ProofFacts, Schema, Server,
    StreamFacts, Table, Trigger,
};
pub use expensive_calls::Allowance;
pub use fan_days::{FanCounts, Fans, FansAsked};
pub use fans::FanEvent;
pub use figures::{Figures, FiguresAsked};
pub use grants::Known;
pub use health::{Backlog, Health};
pub use job_beginning::{Candidate, NewJob};
pub use jobs::{Job, JobCreator, JobPick, PromiseAsk};
pub use listening::Listener;
pub use logins::{Digest, Login, NamedLogin};
pub use metrics::Sample;
pub use migrate::{Applied, latest_version, migrate, migrate_trusting, migrations};
pub use plain_tokens::{AccountState, PlainToken, Proof};
pub use pool::{Gate, Options, Store};
pub use profiles::{Profile, UserId};
pub use proving::{
    DayVerdict, Difference, DueHistory, FoundDay, HeldStream, KnownDay, NotCompared, ProofStanding,
    ProofSums, ToCompare, ToRead,
};
pub use quarantine::QuarantinedEvent;
pub use reader::Reader;
pub use rebuilding::{Mended, Rebuilt};
pub use repairs::Repair;
pub use resealing::{Elsewhere, Resealed, Stored};
pub use settling::{Placed, StoredHint};
pub use standing::{BudgetStanding, StreamStanding};
pub use statements::Statements;
pub use steps::{Counts, JobStep, Progress};
pub use streams::{Failure, Lease, Pause};
pub use sums::{PartOfDay, RevenueSum, SumBy, SumsAsked};
pub use trust::Authorities;
pub use tx::{Patience, SNAPSHOT_IDLE_SECONDS, Tx};
pub use upgrade::OlderConnection;
pub use verify::{Drift, Sums};
pub use watches::{Totals, Turns, Watch};
