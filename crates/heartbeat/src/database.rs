//! The database commands: `heartbeat migrate` and `heartbeat db`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use app::{
    Config, Ctx,
    adopting::{count_plain_tokens, take_over},
};
use jiff::SignedDuration;
use tokio::task::spawn_blocking;

use crate::cli::{DbAction, DbArgs};
use crate::devdb::{self, Certificate, DevDb, Options, Stopped};
use crate::{Failure, wall};

/// The database of `cargo dev` on the local server.
const NAME: &str = "heartbeat";

/// Prints what was applied, and where the database stands.
pub(crate) async fn migrate() -> Result<(), Failure> {
    let url = wall::variable("DATABASE_URL").ok_or_else(|| {
        Failure::new("DATABASE_URL is not set; `heartbeat db` starts a local database")
    })?;
    let applied = apply(&url, &authorities()?).await?;
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}");
    for version in &applied.versions {
        say(format!("applied {version}")).map_err(unwritable)?;
    }
    if 0 < applied.older_rows {
        let rows = applied.older_rows;
        say(format!("took over {rows} rows of an older system, each with its receipt"))
            .map_err(unwritable)?;
    }
    if 0 < applied.older_strays {
        let rows = applied.older_strays;
        say(format!("left {rows} rows of an older system that are of no creator who is here"))
            .map_err(unwritable)?;
    }
    say(format!("database is at version {}", store::latest_version())).map_err(unwritable)?;
    if !applied.has_plain_tokens {
        return Ok(());
    }
    drop(out);
    let line = match seal_tokens().await? {
        None => "plain tokens of an older system are there: this has no configuration to seal them with, \
                 so the next sync-transactions does"
            .to_owned(),
        Some(0) => "all plain tokens of an older system are sealed".to_owned(),
        Some(left) => format!(
            "{left} accounts still have plain tokens: sync-transactions seals them, and its log says \
             what keeps them"
        ),
    };
    writeln!(std::io::stdout(), "{line}").map_err(unwritable)
}

/// How long an older system's tokens are sealed here, in seconds; the service goes on with the rest.
const SEALING_SECONDS: i64 = 300;

/// Seals an older system's plain tokens where the service's whole configuration is there; returns how many
/// accounts are left.
async fn seal_tokens() -> Result<Option<usize>, Failure> {
    let Ok(config) = Config::from_env() else { return Ok(None) };
    if config.token_keys.sealing_key().is_err() {
        return Ok(None);
    }
    let ctx = Ctx::new(config).map_err(Failure::while_doing("the configuration is unusable"))?;
    let now = ctx.clock.now();
    let until = now.checked_add(SignedDuration::from_secs(SEALING_SECONDS)).unwrap_or(now);
    let failed = "an older system's tokens can't be sealed";
    take_over(&ctx, until).await.map_err(Failure::while_doing(failed))?;
    Ok(Some(count_plain_tokens(&ctx).await.map_err(Failure::while_doing(failed))?))
}

/// Starts, stops or erases the local database.
pub(crate) async fn db(args: DbArgs) -> Result<(), Failure> {
    let base = args.data_dir.join("postgres");
    match args.action {
        None => {
            let db = open(&base, None, true).await?;
            let url = url(&db).await?;
            writeln!(std::io::stdout(), "{url}").map_err(unwritable)
        }
        Some(DbAction::Stop { force, erase }) => {
            let stopped = blocking("stop", move || {
                let stopped = devdb::stop(&base, force)?;
                if erase {
                    devdb::erase(&base, force)?;
                }
                Ok(stopped)
            });
            match stopped.await? {
                Stopped::Now => eprintln!("stopped"),
                Stopped::Already => eprintln!("it was not running"),
            }
            Ok(())
        }
    }
}

/// The given database, or the local server's, started if need be.
pub(crate) async fn open(base: &Path, given: Option<String>, keep: bool) -> Result<DevDb, Failure> {
    let base = base.to_owned();
    let options = Options { given, base, keep, durable: false, certificate: None };
    blocking("start", move || devdb::ensure(&options)).await
}

/// A local server that loses nothing, with the folder `base` to itself, and with TLS where it has a
/// certificate. [`erase`] ends it.
pub(crate) async fn open_durable(
    base: &Path,
    certificate: Option<Certificate>,
) -> Result<DevDb, Failure> {
    let base = base.to_owned();
    let options = Options { given: None, base, keep: false, durable: true, certificate };
    blocking("start", move || devdb::ensure(&options)).await
}

/// Ends our use of it.
pub(crate) async fn leave(db: DevDb) -> Result<devdb::Left, Failure> {
    blocking("stop", move || db.leave()).await
}

/// Ends our use of a server with the folder `base` to itself, and deletes its data.
pub(crate) async fn erase(db: DevDb, base: PathBuf) -> Result<(), Failure> {
    leave(db).await?;
    forget(base).await
}

/// Deletes what an earlier run left in a folder that a server has to itself.
pub(crate) async fn forget(base: PathBuf) -> Result<(), Failure> {
    blocking("erase", move || devdb::erase(&base, false)).await
}

/// The URL of the database, which is made if it is to be on the local server and isn't yet.
pub(crate) async fn url(db: &DevDb) -> Result<String, Failure> {
    if db.is_local() {
        store::admin::create_database(&db.url("postgres"), NAME, None)
            .await
            .map_err(Failure::while_doing("can't create the database"))?;
    }
    Ok(db.url(NAME))
}

/// Brings a database to the newest version.
pub(crate) async fn apply(
    url: &str,
    authorities: &store::Authorities,
) -> Result<store::Applied, Failure> {
    let applied = store::migrate_trusting(url, authorities).await;
    applied.map_err(Failure::while_doing("the database can't be migrated"))
}

/// Who may sign the certificate of the database that the environment names. For commands that need no
/// more of the service's configuration, and must not miss any.
pub(crate) fn authorities() -> Result<store::Authorities, Failure> {
    let given = wall::variable("DATABASE_CA");
    let authorities = given.as_deref().map(app::authorities).transpose();
    Ok(authorities
        .map_err(Failure::while_doing("the configuration is unusable"))?
        .unwrap_or_default())
}

fn unwritable(error: io::Error) -> Failure {
    Failure::while_doing("can't write to standard output")(error)
}

async fn blocking<T, F>(action: &str, work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, devdb::Error> + Send + 'static,
{
    let failure = format!("can't {action} the local database");
    match spawn_blocking(work).await {
        Ok(result) => result.map_err(Failure::while_doing(failure)),
        Err(error) => Err(Failure::while_doing(failure)(error)),
    }
}
