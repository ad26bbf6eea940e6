//! What the database says: a handful of questions, each of which may fail alone.

use std::time::Duration;

use app::Clock;
use jiff::{SignedDuration, Timestamp};
use store::{
    AccountFacts, AgencyFacts, AlertFacts, AudienceFacts, CreatorFacts, EventFacts, Examiner,
    History, JobFacts, MoneyFacts, NotReached, ProofFacts, Schema, Server, StreamFacts,
};

use super::Environment;

/// How long the ledger may be compared.
const COMPARE_MAX: SignedDuration = SignedDuration::from_secs(60);
/// How long after that the server's own words are waited for.
const GRACE: Duration = Duration::from_secs(5);
/// What is said where it takes longer.
const TOO_LONG: &str = "the ledger was not compared within a minute: heartbeat rollups check";

/// What was told, or why nothing was.
pub type Told<T> = Result<T, String>;

/// The database as it was found.
pub struct Database {
    /// Whether it lets us in; `None` where nobody knows where it is.
    pub reached: Option<Result<(), NotReached>>,
    /// The server.
    pub server: Told<Server>,
    /// How far its clock is ahead of ours.
    pub ahead: Told<SignedDuration>,
    /// The schema.
    pub schema: Told<Schema>,
    /// Its history of migrations.
    pub history: Told<History>,
    /// Accounts that nobody disconnected.
    pub accounts: Told<Vec<AccountFacts>>,
    /// Agencies.
    pub agencies: Told<Vec<AgencyFacts>>,
    /// Creators and users that nobody serves.
    pub creators: Told<CreatorFacts>,
    /// Streams of earnings.
    pub streams: Told<StreamFacts>,
    /// The nightly proof.
    pub proof: Told<ProofFacts>,
    /// Streams of audiences.
    pub audiences: Told<AudienceFacts>,
    /// Webhooks.
    pub events: Told<EventFacts>,
    /// What is not counted.
    pub money: Told<MoneyFacts>,
    /// Jobs.
    pub jobs: Told<JobFacts>,
    /// Alerts.
    pub alerts: Told<AlertFacts>,
    /// How many sums do not follow from the ledger.
    pub drifts: Told<usize>,
    /// Which database `DATABASE_DIRECT_URL` leads to, where it is set.
    pub direct: Option<Result<Told<String>, NotReached>>,
}

impl Database {
    /// A database that told nothing, because of `why`.
    fn silent(reached: Option<Result<(), NotReached>>, why: &str) -> Self {
        fn nothing<T>(why: &str) -> Told<T> {
            Err(why.to_owned())
        }
        Self {
            reached,
            server: nothing(why),
            ahead: nothing(why),
            schema: nothing(why),
            history: nothing(why),
            accounts: nothing(why),
            agencies: nothing(why),
            creators: nothing(why),
            streams: nothing(why),
            proof: nothing(why),
            audiences: nothing(why),
            events: nothing(why),
            money: nothing(why),
            jobs: nothing(why),
            alerts: nothing(why),
            drifts: nothing(why),
            direct: None,
        }
    }

    /// Asks it. Nothing is written.
    pub(super) async fn gather(environment: &Environment, clock: &dyn Clock) -> Self {
        if !environment.has_database {
            return Self::silent(None, "DATABASE_URL is not usable");
        }
        let config = &environment.config;
        let trusted = &config.database_ca;
        let examiner = match Examiner::open(&config.database_url, trusted).await {
            Ok(examiner) => examiner,
            Err(why) => return Self::silent(Some(Err(why)), "the database was not reached"),
        };
        let now = clock.now();
        let server = told(examiner.server().await);
        let ahead = ahead(&server, now, clock.now());
        let history = match &server {
            Ok(server) if !server.has_history => Ok(History::none()),
            _ => told(examiner.history().await),
        };
        let direct = match &config.database_direct_url {
            None => None,
            Some(url) => Some(match Examiner::open(url, trusted).await {
                Ok(direct) => Ok(told(direct.server().await).map(|server| server.identity)),
                Err(why) => Err(why),
            }),
        };
        Self {
            reached: Some(Ok(())),
            ahead,
            server,
            schema: told(examiner.schema().await),
            history,
            accounts: told(examiner.accounts().await),
            agencies: told(examiner.agencies().await),
            creators: told(examiner.creators().await),
            streams: told(examiner.streams(now).await),
            proof: told(examiner.proof(now).await),
            audiences: told(examiner.audiences(now).await),
            events: told(examiner.events(now).await),
            money: told(examiner.money(now).await),
            jobs: told(examiner.jobs(now).await),
            alerts: told(examiner.alerts(now).await),
            drifts: drifts(environment, clock).await,
            direct,
        }
    }
}

fn told<T>(answer: Result<T, store::Error>) -> Told<T> {
    answer.map_err(|error| error.coded())
}

/// The way there and back is taken for equally long.
fn ahead(server: &Told<Server>, asked: Timestamp, heard: Timestamp) -> Told<SignedDuration> {
    let at = server.as_ref().map_err(Clone::clone)?.at;
    let at = at.ok_or_else(|| "the database does not tell the time".to_owned())?;
    let half = heard.duration_since(asked) / 2;
    Ok(at.duration_since(asked) - half)
}

/// Compares all that is derived with the ledger, for a minute at most: the server itself gives up then, so
/// that nothing goes on there after nobody waits for it.
async fn drifts(environment: &Environment, clock: &dyn Clock) -> Told<usize> {
    let config = &environment.config;
    let authorities = config.database_ca.clone();
    let options = store::Options { connections_max: 1, authorities, ..store::Options::default() };
    let store = told(store::Store::open(&config.database_url, options))?;
    let begun = clock.now();
    let left = || COMPARE_MAX - clock.now().duration_since(begun);
    let compared = async {
        let tx = store.begin_snapshot_within("list_drifts", &left).await?;
        let drifts = tx.list_drifts(None, Some(&left)).await?;
        tx.commit().await?;
        Ok::<_, store::Error>(drifts.len())
    };
    // A server that says nothing at all is left alone too.
    let compared = tokio::time::timeout(COMPARE_MAX.unsigned_abs() + GRACE, compared).await;
    match compared {
        Ok(Err(error)) if error.is_given_up() => Err(TOO_LONG.into()),
        Ok(compared) => told(compared),
        Err(_) => Err(TOO_LONG.into()),
    }
}
