//! Made-up books of any size, written straight into a database: agencies with creators and users, a
//! ledger of so many rows, and the sums and fans beside it, as they stand when every history was read.
//!
//! Rows are written around the triggers and foreign keys, which would cost more than the rows. That
//! the sums are those of the ledger is asked of the product's own proof at the end.

mod sql;

use std::pin::pin;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::stage;
use crate::{
    Failure,
    devdb::DevDb,
    progress::{Count, Step, grouped},
};

/// The zone in which the agencies count their days.
pub(super) const ZONE: &str = "Europe/Rome";
/// The newest days, which may have as many rows in books of any size: those of a question for 30 days
/// and of the days before, with which they are compared.
pub(super) const LATELY_DAYS: u32 = 60;
/// How many creators' books are written at the same time.
const WRITERS: usize = 2;

/// How large made-up books are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) agencies: u32,
    /// Of each agency.
    pub(super) creators: u32,
    /// Of each agency, all of whom may see its figures.
    pub(super) users: u32,
    /// In all ledgers together.
    pub(super) rows: u64,
    /// How many days of history the rows are spread over.
    pub(super) days: u32,
    /// How many rows of each creator are of the newest [`LATELY_DAYS`]; evenly spread otherwise.
    pub(super) lately: Option<u64>,
    /// The instant before which all of it happened.
    pub(super) until: Timestamp,
}

impl Plan {
    fn creators_of_all(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let creators = self.creators;
        (0..self.agencies).flat_map(move |agency| (0..creators).map(move |nth| (agency, nth)))
    }

    /// The rows of one creator: an equal share.
    fn rows_of(&self, (agency, nth): (u32, u32)) -> u64 {
        let all = u64::from(self.agencies) * u64::from(self.creators);
        let place = u64::from(agency) * u64::from(self.creators) + u64::from(nth);
        self.rows / all + u64::from(place < self.rows % all)
    }
}

/// The id of an agency.
pub(super) fn agency(nth: u32) -> Uuid {
    id(0xa, nth, 0)
}

/// The id of a creator of an agency.
pub(super) fn creator(agency: u32, nth: u32) -> Uuid {
    id(0xc, agency, nth)
}

/// The id of a user of an agency.
pub(super) fn user(agency: u32, nth: u32) -> Uuid {
    id(0xd, agency, nth)
}

fn connection(agency: u32) -> Uuid {
    id(0xe, agency, 0)
}

fn id(kind: u8, agency: u32, nth: u32) -> Uuid {
    let version = 0x4000_8000_u128 << 48;
    let (kind, agency) = (u128::from(kind) << 120, u128::from(agency) << 96);
    Uuid::from_u128(kind | agency | version | u128::from(nth))
}

/// Such books on that server: those that an earlier run left there, if they are the same.
pub(super) async fn find_or_make(
    server: &DevDb,
    name: &str,
    plan: &Plan,
) -> Result<String, Failure> {
    let postgres = server.url("postgres");
    // The statements that write them are part of what they are.
    let digest = Sha256::digest(include_str!("books/sql.rs"));
    let statements: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let means = format!("{plan:?}, schema {}, statements {statements}", store::latest_version());
    let comment = format!(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = '{name}'"
    );
    let known = store::admin::run_sql(&postgres, &comment).await;
    let known = known.map_err(Failure::while_doing("the databases can't be listed"))?;
    let known = known.into_iter().flatten().flatten().next();
    if known.as_deref() == Some(means.as_str()) {
        return Ok(server.url(name));
    }
    let url = stage::make(server, name).await?;
    fill(&url, plan).await?;
    run(&postgres, &format!("comment on database {name} is '{means}'")).await?;
    Ok(url)
}

/// Writes them into an empty database.
pub(super) async fn fill(url: &str, plan: &Plan) -> Result<(), Failure> {
    let step = Step::begin("books");
    run(url, &sql::people(plan)).await?;
    let writing = stream::iter(plan.creators_of_all()).map(move |whose| async move {
        run(url, &sql::books_of(plan, whose)).await.map(|()| plan.rows_of(whose))
    });
    let mut writing = pin!(writing.buffer_unordered(WRITERS));
    let mut count = Count::begin("rows", "rows");
    let mut done = 0;
    while let Some(written) = writing.next().await {
        done += written?;
        count.reached(done, plan.rows);
    }
    for of in 0..plan.agencies {
        run(url, &sql::sums(of)).await?;
    }
    // As autovacuum leaves tables that nobody changes; alone in its message, because it is no part of
    // any transaction.
    run(url, "vacuum analyze").await?;
    run(url, "checkpoint").await?;
    prove(url).await?;
    step.done(format!("{} rows, and the sums are theirs", grouped(plan.rows)));
    Ok(())
}

/// The first invariant, as the product itself asks for it.
pub(super) async fn prove(url: &str) -> Result<(), Failure> {
    let failed = "the sums can't be compared with the ledger";
    let store = store::Store::open(&SecretString::from(url), store::Options::default());
    let drifts = store.map_err(Failure::while_doing(failed))?.list_drifts().await;
    match drifts.map_err(Failure::while_doing(failed))?.first() {
        None => Ok(()),
        Some(drift) => Err(Failure::new(format!("the sums are not the ledger's: {drift:?}"))),
    }
}

/// Books one more sale of a creator, as a tick does: row, sums and totals in one commit. Answers the
/// instant right before the commit, and the agency's revision after it.
pub(super) async fn sell(
    url: &str,
    (of_agency, nth): (u32, u32),
    at: Timestamp,
) -> Result<(Timestamp, u64), Failure> {
    let sale = sql::sale((of_agency, nth), at);
    // The revision rises with the commit itself, by one.
    let told = format!(
        "{sale}; select (extract(epoch from clock_timestamp()) * 1000000)::bigint, revision + 1
           from agencies where id = '{}'",
        agency(of_agency)
    );
    let [micros, revision] = stage::numbers(url, &told).await?;
    let micros = i64::try_from(micros).map_err(Failure::while_doing("the database's clock"))?;
    let committed = Timestamp::from_microsecond(micros);
    Ok((committed.map_err(Failure::while_doing("the database's clock"))?, revision))
}

/// A heartbeat takes up every creator.
pub(super) async fn begin_tick(url: &str, at: Timestamp) -> Result<(), Failure> {
    run(url, &sql::claims(at, at + SignedDuration::from_secs(60))).await
}

/// It has read all of them, and each agency's first creators have sold something.
pub(super) async fn end_tick(
    url: &str,
    plan: &Plan,
    sellers: u32,
    at: Timestamp,
) -> Result<(), Failure> {
    run(url, &sql::confirmations(at, at + SignedDuration::from_mins(15))).await?;
    for whose in plan.creators_of_all().filter(|(_, nth)| *nth < sellers) {
        run(url, &sql::sale(whose, at)).await?;
    }
    Ok(())
}

async fn run(url: &str, sql: &str) -> Result<(), Failure> {
    let ran = store::admin::run_sql(url, sql).await;
    ran.map(drop).map_err(Failure::while_doing("the books can't be written"))
}

#[cfg(test)]
mod tests {
    use store::admin;

    use super::*;
    use crate::{database, devdb::test_database_url};

    #[tokio::test]
    async fn books_add_up_when_they_are_made_and_when_more_is_sold() {
        let server = tokio::task::spawn_blocking(test_database_url).await.unwrap().unwrap();
        let name = format!("hb_books_{}", std::process::id());
        admin::drop_database(&server, &name).await.unwrap();
        let url = admin::create_database(&server, &name, None).await.unwrap();
        database::apply(&url, &store::Authorities::default()).await.unwrap();
        let noon = Timestamp::constant(1_795_262_400, 0);
        let plan = Plan {
            agencies: 2,
            creators: 2,
            users: 1,
            rows: 101,
            days: 90,
            lately: Some(7),
            until: noon,
        };
        fill(&url, &plan).await.unwrap();
        assert_eq!(sell(&url, (1, 0), noon).await.unwrap().1, 2, "one commit, one revision");
        begin_tick(&url, noon).await.unwrap();
        end_tick(&url, &plan, 1, noon).await.unwrap();
        prove(&url).await.unwrap();
        let rows = "select count(*) from fanvue_transactions";
        assert_eq!(stage::number(&url, rows).await.unwrap(), 101 + 1 + 2);
        admin::drop_database(&server, &name).await.unwrap();
    }

    #[test]
    fn every_row_is_somebodys_and_ids_differ() {
        let plan = Plan {
            agencies: 3,
            creators: 4,
            users: 1,
            rows: 1_001,
            days: 10,
            lately: None,
            until: Timestamp::UNIX_EPOCH,
        };
        let rows: Vec<_> = plan.creators_of_all().map(|whose| plan.rows_of(whose)).collect();
        assert_eq!((rows.len(), rows.iter().sum::<u64>()), (12, 1_001));
        assert!(rows.iter().all(|rows| (83..=84).contains(rows)));
        assert_eq!(creator(2, 3).to_string(), "0c000002-0000-4000-8000-000000000003");
        assert_ne!(agency(1), user(1, 0));
    }
}
