//! `heartbeat rollups`: whether all that is derived follows from the ledger, and what to do if not.

use std::io::Write;

use secrecy::SecretString;
use store::{Agency, Drift, Options, Rebuilt, Store};

use crate::{
    Failure,
    cli::RollupsAction,
    database,
    progress::{Step, dollars},
    wall,
};

/// Differences that `check` names; the others are only counted.
const NAMED_MAX: usize = 100;

pub(crate) async fn run(action: RollupsAction) -> Result<(), Failure> {
    let url = wall::variable("DATABASE_URL");
    let url = url.ok_or_else(|| Failure::new("DATABASE_URL is not set"))?;
    let options = Options { authorities: database::authorities()?, ..Options::default() };
    let store = Store::open(&SecretString::from(url), options);
    let store = store.map_err(Failure::while_doing("the database can't be used"))?;
    match action {
        RollupsAction::Check => check(&store).await,
        RollupsAction::Rebuild => rebuild(&store).await,
    }
}

async fn check(store: &Store) -> Result<(), Failure> {
    let step = Step::begin("check");
    let drifts = store.list_drifts().await;
    let drifts = drifts.map_err(Failure::while_doing("the ledger can't be compared"))?;
    step.done(format!("{} differences", drifts.len()));
    for drift in drifts.iter().take(NAMED_MAX) {
        say(&told(drift))?;
    }
    if drifts.is_empty() {
        return say("everything follows from the ledger");
    }
    let count = drifts.len();
    Err(Failure::new(format!("{count} sums do not follow from the ledger: reconcile --again")))
}

async fn rebuild(store: &Store) -> Result<(), Failure> {
    let failed = "not every agency is rebuilt; those that are stay so";
    let agencies = store.reader().list_agencies(i64::MAX).await;
    let agencies = agencies.map_err(Failure::while_doing(failed))?;
    let (mut mended, mut right) = (0, 0);
    for agency in &agencies {
        let step = Step::begin("rebuild");
        let rebuilt = rebuild_one(store, agency).await.map_err(Failure::while_doing(failed))?;
        let lines = lines(&rebuilt);
        step.done(format!("{}: {} tables mended", agency.id, lines.len()));
        if lines.is_empty() {
            right += 1;
            continue;
        }
        mended += 1;
        for line in lines {
            say(&format!("agency {}: {line}", agency.id))?;
        }
    }
    say(&format!("{right} agencies were right, {mended} are mended"))
}

async fn rebuild_one(store: &Store, agency: &Agency) -> Result<Rebuilt, store::Error> {
    let tx = store.begin("rebuild").await?;
    let rebuilt = tx.rebuild(agency.id, wall::now()).await?;
    tx.commit().await?;
    Ok(rebuilt)
}

/// What was mended, a line a table.
fn lines(rebuilt: &Rebuilt) -> Vec<String> {
    let mended = rebuilt.tables().into_iter().filter(|(_, mended)| mended.rows != 0);
    let line = |(table, mended): (&str, store::Mended)| {
        format!("{table}: {} rows mended, off by {}", mended.rows, dollars(mended.cents.0))
    };
    mended.map(line).collect()
}

/// A difference in words.
fn told(drift: &Drift) -> String {
    match drift {
        Drift::Creator { creator, shown, rollup, ledger } => format!(
            "creator {creator}: {} shown, {} by days, {} in the ledger ({}, {}, {} rows)",
            dollars(shown.0.0),
            dollars(rollup.0.0),
            dollars(ledger.0.0),
            shown.2,
            rollup.2,
            ledger.2
        ),
        Drift::Coarse { agency, creator, source, span, day, kept, rollup } => {
            let whose = creator.map_or_else(|| "all".to_owned(), |creator| creator.to_string());
            let source = source.as_deref().unwrap_or("all");
            let (kept, rollup) = (dollars(kept.0.0), dollars(rollup.0.0));
            format!(
                "agency {agency}, creator {whose}, source {source}, {span} {day}: {kept}, {rollup} by days"
            )
        }
        Drift::FanDays { creator, missing, extra } => format!(
            "creator {creator}: {missing} days on which a fan paid are missing, {extra} are too many"
        ),
        Drift::FanCount { agency, creator, day, before, kept, counted } => {
            let whose = creator.map_or_else(|| "all".to_owned(), |creator| creator.to_string());
            let before = before.map_or_else(|| "never".to_owned(), |day| day.to_string());
            format!(
                "agency {agency}, creator {whose}, {day}, paid before {before}: {kept} fans, {counted} by days"
            )
        }
    }
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}")
        .map_err(Failure::while_doing("can't write to standard output"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_that_were_wrong_are_named() {
        let mut rebuilt = Rebuilt::default();
        assert!(lines(&rebuilt).is_empty());
        (rebuilt.days.rows, rebuilt.days.cents.0) = (2, 123_456);
        rebuilt.fan_counts.rows = 3;
        assert_eq!(
            lines(&rebuilt),
            [
                "revenue_daily: 2 rows mended, off by $1,234.56",
                "fan_counts: 3 rows mended, off by $0.00"
            ]
        );
    }
}
