//! How long the dashboard's answers take beside ever larger ledgers, and what row-level security costs
//! them. The same books in each database but for the number of their rows, the same clock, and all
//! databases in turn within one run: whatever else the machine does meets each of them.
//!
//! Each answer is made from the books: nothing that was answered before is given again.

mod rivals;
mod size;
mod verdict;

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;

use self::size::Size;
use super::{report::Report, stage, timings::Timings};
use crate::{Failure, cli::DashboardArgs, database, devdb::DevDb, progress::Count};

const DATABASE: &str = "heartbeat_bench_dashboard";
const AGENCIES: u32 = 20;
const CREATORS: u32 = 20;
/// When everybody asks: in the afternoon of a Saturday, 21 November 2026, 19:00 in the agencies' zone.
const NOW: Timestamp = Timestamp::constant(1_795_284_000, 0);
/// Rounds until each agency had two. The first so many are not counted: in them pages come into memory.
const CYCLE: usize = 2 * AGENCIES as usize;

/// Who asks what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// A user, for the figures of a range.
    User(&'static str),
    /// The same by the service itself, which row-level security does not bind.
    Service(&'static str),
    /// A user who holds the answer already.
    Unchanged,
}

const QUESTIONS: [Question; 7] = [
    Question::User("7d"),
    Question::User("30d"),
    Question::Service("30d"),
    Question::User("1y"),
    Question::Service("1y"),
    Question::User("all"),
    Question::Unchanged,
];

/// How long the answers to one question took.
#[derive(Clone, Debug, Default)]
struct Samples {
    /// From the request to the answer.
    whole: Timings,
    /// The statements that read figures and creators, without those that find out who asks.
    query: Timings,
}

/// By the place of the database and the question.
type Taken = BTreeMap<(usize, Question), Samples>;

/// Fills the databases, asks, and drops them, unless they are to be kept.
pub(super) async fn measure(data_dir: &Path, args: &DashboardArgs) -> Result<Report, Failure> {
    let server = database::open(&data_dir.join("postgres"), None, true).await?;
    let measured = measure_on(&server, args).await;
    if !args.keep {
        for rows in &args.rows {
            stage::discard(&server, &name(*rows)).await?;
        }
    }
    measured
}

async fn measure_on(server: &DevDb, args: &DashboardArgs) -> Result<Report, Failure> {
    let mut sizes = vec![];
    for rows in &args.rows {
        sizes.push(Size::open(server, args, *rows).await?);
    }
    let taken = take(&sizes, args.rounds).await?;
    for size in &mut sizes {
        size.rivals = rivals::measure(&size.url).await?;
    }
    Ok(verdict::report(&sizes, &taken, args))
}

fn name(rows: u64) -> String {
    format!("{DATABASE}_{rows}")
}

/// In each round every question is asked of every database, on behalf of one agency.
async fn take(sizes: &[Size], rounds: u32) -> Result<Taken, Failure> {
    let mut taken = Taken::new();
    let mut count = Count::begin("answers", "rounds");
    let rounds = rounds as usize + CYCLE;
    for round in 0..rounds {
        for place in 0..QUESTIONS.len() {
            // Whoever comes second finds what the first one has read. Each agency meets both orders, and what the
            // others' turns have left in memory it meets in each of them: the first order is another in each cycle.
            let is_forward = (round + round / CYCLE).is_multiple_of(2);
            let place = if is_forward { place } else { QUESTIONS.len() - 1 - place };
            let question = QUESTIONS[place];
            for turn in 0..sizes.len() {
                // Nor does the order of the sizes go with that of the questions.
                let of = (turn + round / 2) % sizes.len();
                let (whole, query) = sizes[of].ask(question, round / 2).await?;
                if CYCLE <= round {
                    let samples = taken.entry((of, question)).or_default();
                    samples.whole.push(whole);
                    samples.query.push(query);
                }
            }
        }
        count.reached(round as u64 + 1, rounds as u64);
    }
    Ok(taken)
}
