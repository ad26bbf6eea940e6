//! `heartbeat bench`: the system measured beside its own limits, as a table and as named figures.
//!
//! What is measured runs in processes of its own, so that its memory and time are its own, except where
//! an answer's time within the server is asked for; the simulated Fanvue answers from this process,
//! without latency.

mod asking;
mod backfill;
mod books;
mod budget;
mod clock;
mod counting;
mod csv;
mod dashboard;
mod functions;
mod growth;
mod limits;
mod line;
mod live;
mod meter;
mod naive;
mod pages;
mod pieces;
mod polls;
mod reconcile;
mod report;
mod stage;
mod ticks;
mod timings;
mod webhooks;
mod worker;
mod writes;

use std::{collections::BTreeMap, io::Write, path::Path};

use crate::{
    Failure,
    cli::{BenchArgs, Measurement},
};

/// Named figures, in the order of their names.
pub(crate) type Figures = BTreeMap<&'static str, f64>;

/// Runs the measurements, prints the table, and writes the figures where they were asked for.
pub(crate) async fn run(args: BenchArgs) -> Result<(), Failure> {
    let json = args.json.as_deref();
    match &args.measurement {
        None => backfill::measure(&args).await?.tell(json),
        Some(Measurement::Pages(asked)) => pages::measure(&args.data_dir, asked).await?.tell(json),
        Some(Measurement::Ticks(asked)) => ticks::measure(&args.data_dir, asked).await?.tell(json),
        Some(Measurement::Reconcile(asked)) => {
            reconcile::measure(&args.data_dir, asked).await?.tell(json)
        }
        Some(Measurement::Budget(asked)) => {
            let measured = budget::measure(&args.data_dir, asked).await?;
            tell(&measured.figures(asked), json)?;
            measured.verdict(asked)
        }
        Some(Measurement::Webhooks(asked)) => {
            let measured = webhooks::measure(&args.data_dir, asked).await?;
            tell(&measured.figures(), json)?;
            measured.verdict()
        }
        Some(Measurement::Dashboard(asked)) => {
            dashboard::measure(&args.data_dir, asked).await?.tell(json)
        }
        Some(Measurement::Polls(asked)) => polls::measure(&args.data_dir, asked).await?.tell(json),
        Some(Measurement::Live(asked)) => live::measure(&args.data_dir, asked).await?.tell(json),
        Some(Measurement::Functions(asked)) => {
            functions::measure(&args.data_dir, asked).await?.tell(json)
        }
        Some(Measurement::Csv(asked)) => csv::measure(&args.data_dir, asked).await?.tell(json),
        Some(Measurement::BudgetWorker(asked)) => budget::work(asked).await,
    }
}

fn tell(figures: &Figures, json: Option<&Path>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "{line}").map_err(Failure::while_doing("can't write to standard output"))
    };
    say("| figure | value |\n|---|--:|".to_owned())?;
    for (name, value) in figures {
        say(format!("| {name} | {value:.2} |"))?;
    }
    json.map_or(Ok(()), |path| report::write(figures, path))
}
