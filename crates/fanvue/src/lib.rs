//! The platform from outside: client, wire types, conversion, signatures. Not here: when to ask,
//! what to do with the answers, where tokens are kept.
#![doc = include_str!("../README.md")]

mod answer;
mod client;
mod convert;
mod date;
mod envelope;
mod error;
mod ids;
mod limits;
mod oauth;
mod request;
mod retry;
mod secret;
pub mod signature;
#[cfg(test)]
mod testkit;
mod token;
mod transport;
pub mod webhook;
mod wire;

pub use answer::{
    Account, AgencyDay, AgencyEarningsPage, AgencyMark, Answer, Changes, ChangesPage,
    CreatorListing, CreatorsPage, EarningsPage, LinksPage, NewWebhook, PeoplePage, Person, Profile,
    TopSpender, TopSpenders, TrackingLink, Webhook, Webhooks,
};
pub use client::Client;
pub use error::{Error, TokenError};
pub use ids::{CreatorUuid, WebhookId};
pub use limits::{Limits, RETRY_AFTER_SECONDS_MAX};
pub use oauth::{AuthorizeAsk, authorize_url, challenge};
pub use request::{
    API_VERSION, AgencyAsk, CREATORS_PER_ASK_MAX, ChangesAsk, EarningsAsk, Endpoints, PAGE_SIZE,
    PeopleAsk, PeopleList, Reader, Routes, WebhookAsk,
};
pub use retry::{ATTEMPTS_MAX, Move, THROTTLED_SECONDS_DEFAULT, next_move};
pub use secret::{AccessToken, AppCredentials, RefreshToken};
pub use token::{EXPIRES_IN_SECONDS_DEFAULT, Grant};
pub use transport::{
    BODY_BYTES_MAX, Timeouts, Transport, TransportError, TransportErrorKind, https_transport,
};
