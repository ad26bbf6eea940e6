//! Functions as they deploy: how large each is, and how long its process takes from its start until it is
//! ready, to its first answer, and to its first answer that read Postgres over TLS, verified. Beside a function
//! for Node that asks the same single query.
//!
//! Ready is who can be handed a request: under Lambda, who asks for its first invocation, so that this is what
//! Lambda calls its init; over HTTP, for Vercel as for Node, who says that it listens.
//!
//! Each start is a process of its own, and all take turns, so that what else the machine does strikes all
//! alike. Times are from before the process is made to the last byte of its answer. Not in them: what a
//! platform does before it starts the process.

mod binaries;
mod node;
mod subject;

use std::path::Path;

use self::subject::{Adapter, Asked, Subject};
use super::{
    books::{self, Plan},
    report::{Report, short},
    stage,
    timings::{Timings, median},
};
use crate::{Failure, cli::FunctionsArgs, database, devdb::Authority, progress::Count, wall};

const BOOKS: &str = "heartbeat_bench_functions";
const EMPTY: &str = "heartbeat_bench_functions_empty";
const CREATORS: u32 = 20;
const ROWS: u64 = 20_000;
const DAYS: u32 = 400;
const HEADS: [&str; 5] = [
    "size",
    "start to ready (init)",
    "to first answer",
    "to one read from Postgres over TLS",
    "RSS",
];
/// What a function may have, in MB.
const SIZE_GOAL_MB: f64 = 6.0;

/// What was measured of one subject.
#[derive(Default)]
struct Measured {
    /// From start until it is ready for a request, at each of the starts below.
    ready: Timings,
    /// From start to an answer that needs nothing but the process: a refusal.
    first: Timings,
    /// From start to an answer that read the database.
    read: Timings,
    /// Resident after that, in MiB.
    resident: Vec<f64>,
}

/// On a server of its own that offers TLS.
pub(super) async fn measure(data_dir: &Path, args: &FunctionsArgs) -> Result<Report, Failure> {
    let folder = data_dir.join("functions");
    let base = folder.join("postgres");
    let authority = Authority::make(&folder.join("authority"));
    let authority = authority.map_err(Failure::while_doing("no authority can be made"))?;
    let certificate = authority.certificate();
    let certificate = certificate.map_err(Failure::while_doing("no certificate can be made"))?;
    let authority = std::fs::read_to_string(authority.pem_file())
        .map_err(Failure::while_doing("the authority can't be read"))?;
    // One that an earlier run left would show the certificate of another authority.
    database::forget(base.clone()).await?;
    let server = database::open_durable(&base, Some(certificate)).await?;
    let measured = stage::in_database_of(&server, BOOKS, async |books| {
        stage::in_database_of(&server, EMPTY, async |empty| {
            let plan = Plan {
                agencies: 1,
                creators: CREATORS,
                users: 1,
                rows: ROWS,
                days: DAYS,
                lately: None,
                until: wall::now(),
            };
            books::fill(books, &plan).await?;
            let databases = Databases { books, empty, authority: &authority };
            in_databases(args, &databases).await
        })
        .await
    });
    let measured = measured.await;
    database::erase(server, base).await?;
    measured
}

/// Where subjects read.
struct Databases<'a> {
    /// Of an agency with a history.
    books: &'a str,
    /// Nobody is connected: a tick finds nothing to do, and asks the platform nothing.
    empty: &'a str,
    /// Who signed the server's certificate, as PEM.
    authority: &'a str,
}

impl Databases<'_> {
    /// The variables of a process that verifies the server.
    fn environment(&self, url: &str) -> Vec<(&'static str, String)> {
        let url = url.replace("sslmode=disable", "sslmode=verify-full");
        let mut environment = stage::users_environment(&url);
        environment.push(("DATABASE_CA", self.authority.to_owned()));
        environment
    }
}

async fn in_databases(args: &FunctionsArgs, databases: &Databases<'_>) -> Result<Report, Failure> {
    let mut subjects = binaries::subjects(args, databases);
    if subjects.is_empty() {
        return Err(Failure::new(
            "no function is built: cargo build --release --package functions --bins, and for Lambda \
             deploy/aws/build",
        ));
    }
    match node::subject(&args.node, databases).await {
        Ok(subject) => subjects.push(subject),
        Err(failure) => eprintln!("  node       left out: {}", failure.chain()),
    }
    let mut measured: Vec<Measured> = subjects.iter().map(|_| Measured::default()).collect();
    let mut count = Count::begin("starts", "starts of each");
    for start in 0..args.starts {
        for (subject, measured) in subjects.iter().zip(&mut measured) {
            let refused = subject.start(Asked::Refused).await?;
            measured.ready.push(refused.ready);
            measured.first.push(refused.answered);
            let read = subject.start(Asked::Read).await?;
            measured.ready.push(read.ready);
            measured.read.push(read.answered);
            measured.resident.extend(read.resident);
        }
        count.reached(u64::from(start) + 1, args.starts.into());
    }
    let lines: Vec<_> = subjects.iter().zip(&measured).collect();
    Ok(report(args, &lines))
}

/// Median and p99.
fn both(timings: &Timings) -> String {
    format!("{} / {} ms", short(timings.ms(500)), short(timings.ms(990)))
}

fn report(args: &FunctionsArgs, lines: &[(&Subject, &Measured)]) -> Report {
    let title = format!("`heartbeat bench functions`: {} starts each, p50 / p99", args.starts);
    let mut report = Report::new([title].into_iter().chain(HEADS.map(str::to_owned)));
    for (subject, measured) in lines {
        let (megabytes, resident) = (subject.megabytes(), median(&measured.resident));
        report.line([
            subject.name.clone(),
            format!("{megabytes:.1} MB"),
            both(&measured.ready),
            both(&measured.first),
            both(&measured.read),
            format!("{resident:.1} MiB"),
        ]);
        let key = &subject.key;
        report.figure(format!("{key}_mb"), megabytes);
        report.figure(format!("{key}_resident_mib"), resident);
        report.lengths(&format!("{key}_init"), &measured.ready);
        report.lengths(&format!("{key}_first"), &measured.first);
        report.lengths(&format!("{key}_read"), &measured.read);
    }
    for adapter in [Adapter::Vercel, Adapter::Lambda] {
        if let Some((name, megabytes)) = binaries::largest(args, adapter) {
            let goal = format!("goal ≤ {SIZE_GOAL_MB} MB");
            let what = format!("the largest for {}, `{name}`", adapter.name());
            let size = format!("{megabytes:.1} MB");
            report.line([what, size, goal, String::new(), String::new(), String::new()]);
            report.figure(format!("functions_{}_largest_mb", adapter.key()), megabytes);
        }
    }
    report
}
