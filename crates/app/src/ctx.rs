//! What every use case needs: database, platform, clock, chance and configuration.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    Clock, Config, Entropy, Error, SystemClock, SystemEntropy,
    analytics::{Files, Hub, Kept},
    auth::{Jwks, Refusals},
    inbox::Inbox,
    platform_time::PlatformTime,
    telegram::Bot,
    webhooks::Understanding,
};

/// Exchanges of tokens that one instance makes at the same time. Each holds a database connection
/// while the platform takes its time, and others need connections too.
pub(crate) const EXCHANGES_MAX: u32 = 2;

/// The surroundings of a use case, built once an instance. Nothing is connected until it is used.
pub struct Ctx {
    /// What the instance was told.
    pub config: Config,
    /// The database.
    pub store: store::Store,
    /// The platform.
    pub platform: fanvue::Client,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The platform's time, which is not always ours.
    pub(crate) platform_time: PlatformTime,
    /// Ids, nonces and jitter.
    pub entropy: Arc<dyn Entropy>,
    /// Leave to exchange tokens.
    pub(crate) exchanges: Semaphore,
    /// The files that are being written.
    pub(crate) files: Arc<Files>,
    /// The public keys of users' tokens.
    pub(crate) jwks: Jwks,
    /// Operators who were refused.
    pub(crate) refusals: Refusals,
    /// Who sends alerts, where a chat is configured.
    pub(crate) bot: Option<Bot>,
    /// Answers that may be given again.
    pub(crate) kept: Kept,
    /// Whoever is told of changes.
    pub(crate) live: Hub,
    /// Webhooks on their way into the database.
    pub(crate) inbox: Inbox,
    /// Who makes sense of them.
    pub(crate) understanding: Understanding,
}

impl Ctx {
    /// The real surroundings.
    ///
    /// # Errors
    /// When `DATABASE_URL` can't be understood or TLS can't be set up.
    pub fn new(config: Config) -> Result<Self, Error> {
        let transport = fanvue::https_transport(fanvue::Timeouts::default())?;
        Self::with(config, transport, Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// Surroundings with another way to the platform, another clock or another chance, for tests.
    ///
    /// # Errors
    /// When `DATABASE_URL` can't be understood.
    pub fn with(
        config: Config,
        transport: Arc<dyn fanvue::Transport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        let options = store::Options {
            statements: config.database_statements,
            authorities: config.database_ca.clone(),
            ..store::Options::default()
        };
        let store = store::Store::open(&config.database_url, options)?;
        let endpoints = fanvue::Endpoints {
            api_url: config.fanvue_api_url.clone(),
            auth_url: config.fanvue_auth_url.clone(),
        };
        let jwks = Jwks::new(Arc::clone(&transport));
        let telegram = config.telegram.as_ref();
        let bot = telegram.map(|telegram| Bot::new(Arc::clone(&transport), telegram));
        let platform = fanvue::Client::new(transport, endpoints);
        let exchanges = Semaphore::new(EXCHANGES_MAX as usize);
        let authorities = config.database_ca.clone();
        let live = Hub::new(config.listen_url(), authorities, Arc::clone(&clock));
        Ok(Self {
            live,
            config,
            store,
            platform,
            clock,
            platform_time: PlatformTime::default(),
            entropy,
            exchanges,
            files: Arc::default(),
            jwks,
            refusals: Refusals::default(),
            bot,
            kept: Kept::default(),
            inbox: Inbox::default(),
            understanding: Understanding::default(),
        })
    }
}
