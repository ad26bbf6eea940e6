//! `heartbeat force-sync` and `heartbeat jobs`: histories that are read again, and what becomes of it.

use std::{collections::BTreeMap, io::Write};

use app::{
    Config, Ctx,
    jobs::{Asked, JobView, Outcome, begin, budgets, by_id, newest, plan},
};
use serde::Serialize;
use store::{Agency, BudgetStanding, Candidate, Job};
use uuid::Uuid;

use crate::{
    Failure,
    cli::{ForceSyncArgs, JobsArgs},
};

/// The most agencies that one is looked for among.
const AGENCIES_MAX: i64 = 10_000;

pub(crate) async fn force_sync(args: ForceSyncArgs) -> Result<(), Failure> {
    let ctx = ctx()?;
    let failed = "no job was begun";
    let agency = agency(&ctx, args.agency).await?;
    let reader = ctx.store.reader();
    let all = Asked::find(&reader, Some(agency.id), None, None);
    let all = all.await.map_err(Failure::while_doing(failed))?;
    let Some(mut asked) = all else { return Err(Failure::new("there is no such agency")) };
    if let Some(wanted) = &args.creator {
        let only = named(&asked, wanted)?;
        asked.creator = Some(only.creator);
        asked.creators = vec![only];
    }
    if args.dry_run {
        let plan = plan(&reader, &asked).await.map_err(Failure::while_doing(failed))?;
        return say(&plan);
    }
    match begin(&ctx, &asked).await.map_err(Failure::while_doing(failed))? {
        Outcome::Begun(id) => told(&ctx, id).await,
        Outcome::Joined(id) => {
            eprintln!("A sync is already running. Showing its progress.");
            told(&ctx, id).await
        }
        Outcome::Cooling { job, seconds } => Err(Failure::new(format!(
            "all of it was read to the end a moment ago by job {job}; ask again in {seconds} seconds"
        ))),
        Outcome::Unreadable => Err(Failure::new(
            "no connection that works reads this: connect the account again, see docs/connecting.md",
        )),
    }
}

pub(crate) async fn list(args: JobsArgs) -> Result<(), Failure> {
    let ctx = ctx()?;
    let failed = "jobs can't be listed";
    if let Some(id) = args.id {
        let job = by_id(&ctx, id).await.map_err(Failure::while_doing(failed))?;
        let job = job.ok_or_else(|| Failure::new("there is no such job"))?;
        return say(&JobView::of(&job, &budgets_of(&ctx, &job).await?, ctx.clock.now()));
    }
    let agency = match args.agency {
        Some(_) => Some(agency(&ctx, args.agency).await?.id),
        None => None,
    };
    let jobs = newest(&ctx, agency).await.map_err(Failure::while_doing(failed))?;
    let mut budgets = BTreeMap::new();
    let agencies: BTreeMap<_, _> = jobs.iter().map(|job| (job.agency, job)).collect();
    for (agency, job) in agencies {
        budgets.insert(agency, budgets_of(&ctx, job).await?);
    }
    let now = ctx.clock.now();
    let of = |agency| budgets.get(&agency).map(Vec::as_slice).unwrap_or_default();
    let jobs = jobs.iter().map(|job| JobView::listed(job, of(job.agency), now, None));
    let jobs: Vec<_> = jobs.collect();
    say(&jobs)
}

/// What its requests have left, by which its end is foretold.
async fn budgets_of(ctx: &Ctx, job: &Job) -> Result<Vec<BudgetStanding>, Failure> {
    budgets(ctx, job.agency)
        .await
        .map_err(Failure::while_doing("what is left of requests is not known"))
}

pub(crate) fn ctx() -> Result<Ctx, Failure> {
    let unusable = "the configuration is unusable";
    let config = Config::from_env().map_err(Failure::while_doing(unusable))?;
    Ctx::new(config).map_err(Failure::while_doing(unusable))
}

/// The agency of that id, or the only one there is.
pub(crate) async fn agency(ctx: &Ctx, named: Option<Uuid>) -> Result<Agency, Failure> {
    let agencies = ctx.store.reader().list_agencies(AGENCIES_MAX).await;
    let mut agencies = agencies.map_err(Failure::while_doing("agencies can't be listed"))?;
    if let Some(id) = named {
        agencies.retain(|one| one.id.0 == id);
    }
    match (agencies.pop(), agencies.pop()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Failure::new("there is no such agency, or none yet")),
        (Some(_), Some(_)) => {
            Err(Failure::new("there are several agencies: say which one with --agency"))
        }
    }
}

/// The creator of that id or name, in any case of letters.
fn named(asked: &Asked, wanted: &str) -> Result<Candidate, Failure> {
    let is_meant = |one: &&Candidate| {
        one.creator.to_string() == wanted || one.name.to_lowercase() == wanted.to_lowercase()
    };
    let mut found = asked.creators.iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.clone()),
        (None, _) => Err(Failure::new(format!("no connected creator is called '{wanted}'"))),
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("several creators are called '{wanted}': give the id")))
        }
    }
}

async fn told(ctx: &Ctx, id: Uuid) -> Result<(), Failure> {
    let failed = "the job began, but can't be shown";
    let job = by_id(ctx, id).await.map_err(Failure::while_doing(failed))?;
    let job = job.ok_or_else(|| Failure::new(failed))?;
    say(&JobView::of(&job, &budgets_of(ctx, &job).await?, ctx.clock.now()))
}

/// The same as the endpoints answer.
fn say(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(Failure::while_doing("it can't be written as text"))?;
    writeln!(std::io::stdout(), "{text}")
        .map_err(Failure::while_doing("can't write to standard output"))
}
