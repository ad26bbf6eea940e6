//! A file of many rows: what the process that writes it holds in memory, and whether its columns add up
//! to the dashboard's figures, to the cent.

mod sums;

use std::path::Path;

use serde_json::Value;

use self::sums::Sums;
use super::{
    books::{self, Plan},
    pieces,
    report::{Report, figure, short},
    stage,
    worker::Worker,
};
use crate::{
    Failure,
    cli::CsvArgs,
    loopback,
    progress::{Count, grouped},
    wall,
};

const DATABASE: &str = "heartbeat_bench_csv";
const CREATORS: u32 = 20;
const DAYS: u32 = 1_095;
/// The same rows in the same order, printed and counted by the server, and never sent.
const SERVER_ALONE: &str = "select sum(length(t::text))
    from (select * from fanvue_transactions order by transaction_date desc, id desc) as t";
const MIB: f64 = 1024.0 * 1024.0;

/// What was measured.
struct Measured {
    sums: Sums,
    seconds: f64,
    /// What the server alone needs for the same rows.
    server_seconds: f64,
    /// What the process held before, and at most while it wrote the file.
    before_mib: Option<f64>,
    peak_mib: Option<f64>,
    /// Whether the peak is that of the file alone: else of the process so far.
    is_of_the_file: bool,
}

/// In a database of its own.
pub(super) async fn measure(data_dir: &Path, args: &CsvArgs) -> Result<Report, Failure> {
    stage::in_database(data_dir, DATABASE, async |url| in_database(args, url).await).await
}

async fn in_database(args: &CsvArgs, url: &str) -> Result<Report, Failure> {
    let now = wall::now();
    let plan = Plan {
        agencies: 1,
        creators: CREATORS,
        users: 1,
        rows: args.rows,
        days: DAYS,
        lately: None,
        until: now,
    };
    books::fill(url, &plan).await?;
    let worker = Worker::start(&stage::users_environment(url)).await?;
    let token = stage::token(books::user(0, 0), now);
    // The first answer connects to the database, which is no part of the file.
    let figures = figures(&worker, &token).await?;
    let before_mib = worker.resident_mib();
    let is_of_the_file = worker.forget_peak();
    let began = wall::instant();
    let sums = download(&worker, &token, args.rows).await?;
    let seconds = began.elapsed().as_secs_f64();
    let peak_mib = worker.peak_mib();
    let began = wall::instant();
    stage::number(url, SERVER_ALONE).await?;
    let server_seconds = began.elapsed().as_secs_f64();
    let file = [sums.gross_cents, sums.net_cents, i128::from(sums.rows)];
    if file != figures {
        return Err(Failure::new(format!("the file has {file:?}, the dashboard {figures:?}")));
    }
    let measured = Measured { sums, seconds, server_seconds, before_mib, peak_mib, is_of_the_file };
    Ok(measured.report(args))
}

/// Gross, net and count of all time, as the dashboard shows them.
async fn figures(worker: &Worker, token: &str) -> Result<[i128; 3], Failure> {
    let failed = "the dashboard's answer can't be read";
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let path = "/api/analytics/dashboard?timeRange=all";
    let answer = loopback::get(worker.address, path, &headers).await;
    let (status, body) = answer.map_err(Failure::while_doing(failed))?;
    if status != 200 {
        return Err(Failure::new(format!("the dashboard answered {status}")));
    }
    let body: Value = serde_json::from_slice(&body).map_err(Failure::while_doing(failed))?;
    let number = |name: &str| {
        let number = body["kpiMetrics"][name].as_i64();
        number.map(i128::from).ok_or_else(|| Failure::new(failed))
    };
    Ok([number("totalRevenueCents")?, number("netRevenueCents")?, number("transactionCount")?])
}

async fn download(worker: &Worker, token: &str, rows: u64) -> Result<Sums, Failure> {
    let (mut sums, mut count) = (Sums::default(), Count::begin("file", "rows"));
    let path = "/api/analytics/export.csv?timeRange=all";
    pieces::get(worker.address, (path, token), |piece| {
        sums.add(piece)?;
        count.reached(sums.rows, rows);
        Ok(())
    })
    .await?;
    sums.check_end()?;
    Ok(sums)
}

impl Measured {
    fn report(&self, args: &CsvArgs) -> Report {
        let Self { sums, seconds, server_seconds, before_mib, peak_mib, is_of_the_file } = self;
        let rows = grouped(args.rows);
        let title =
            format!("`heartbeat bench csv`: `export.csv` of {rows} rows, one process, as a user");
        let mut report = Report::new([title, "goal".to_owned(), "result".to_owned()]);
        let mut line = |name: &str, goal: &str, result: String| {
            report.line([name.to_owned(), goal.to_owned(), result]);
        };
        let equal = "gross, net and rows equal those of the dashboard";
        let cents = format!("{} / {} cents", sums.gross_cents, sums.net_cents);
        line(equal, "to the cent", format!("yes: {cents}, {} rows", grouped(sums.rows)));
        let whose = if *is_of_the_file { "while it was written" } else { "since it started" };
        if let Some(peak) = peak_mib {
            let name = format!("peak memory of the process {whose}");
            line(&name, "≤ 32 MB", format!("{peak:.1} MiB"));
        }
        if let Some(before) = before_mib {
            line("the same process before", "", format!("{before:.1} MiB"));
        }
        let mib = figure(sums.bytes) / MIB;
        let pace = figure(sums.rows) / seconds;
        line("size", "", format!("{mib:.0} MiB"));
        line("pace", "", format!("{} s, {pace:.0} rows/s", short(*seconds)));
        let limit = "limit: the server prints the same rows and sends none";
        line(limit, "", format!("{} s", short(*server_seconds)));
        for (name, mib) in [("csv_peak_mib", peak_mib), ("csv_before_mib", before_mib)] {
            if let Some(mib) = mib {
                report.figure(name, *mib);
            }
        }
        report.figure("csv_rows", figure(sums.rows));
        report.figure("csv_bytes", figure(sums.bytes));
        report.figure("csv_seconds", *seconds);
        report.figure("csv_server_seconds", *server_seconds);
        report.figure("csv_rows_per_second", pace);
        report
    }
}
