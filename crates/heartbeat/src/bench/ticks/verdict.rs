//! What was measured beside what is promised.

use super::Measured;
use crate::{
    bench::{
        growth::{self, Growth},
        limits::Limits,
        report::{Report, figure, short},
        timings::Timings,
    },
    cli::TicksArgs,
    progress::grouped,
};

/// A cost that grows with the creators: its name as a figure and for people.
type Cost = (&'static str, &'static str, fn(&Measured) -> Option<f64>);

const COSTS: [Cost; 4] = [
    ("wall_ms", "time", |one| Some(one.took.ms(500))),
    ("cpu_ms", "processor", Measured::cpu_ms),
    ("requests", "requests", |one| Some(figure(one.requests))),
    ("statements", "statements", |one| Some(figure(one.statements))),
];

impl Measured {
    /// That of the middle one, where the system tells.
    fn cpu_ms(&self) -> Option<f64> {
        (0 < self.cpu.count()).then(|| self.cpu.ms(500))
    }

    fn a_tick(&self, rows: u64) -> f64 {
        figure(rows) / f64::from(self.ticks)
    }

    fn figures(&self, report: &mut Report) {
        let name = |of: &str| format!("ticks_{}_{of}", self.creators);
        report.lengths(&name("wall"), &self.took);
        report.lengths(&name("cpu"), &self.cpu);
        report.figure(name("requests"), figure(self.requests));
        report.figure(name("requests_fewest"), figure(self.fewest));
        report.figure(name("statements"), figure(self.statements));
        report.figure(name("money_rows_written"), self.a_tick(self.writes.money));
        report.figure(name("other_rows_written"), self.a_tick(self.writes.other));
        report.figure(name("log_bytes"), self.a_tick(self.writes.log_bytes));
        report.figure(name("without_totals_seconds"), self.each.seconds);
        report.figure(name("without_totals_requests"), figure(self.each.requests));
        if let Some(peak) = self.peak_mib {
            report.figure(name("peak_mib"), peak);
        }
        self.limits.figures(report, &format!("ticks_{}", self.creators));
    }
}

/// A column for each number of creators. Goals are those of 10,000.
pub(super) fn report(args: &TicksArgs, measured: &[Measured]) -> Report {
    let title = format!(
        "`heartbeat bench ticks`: heartbeats while nobody sells, {} each, one process",
        args.ticks
    );
    let columns = measured.iter().map(|one| format!("{} creators", grouped(one.creators)));
    let goal = "goal for 10,000".to_owned();
    let mut report = Report::new([title, goal].into_iter().chain(columns));
    lines(&mut report, measured);
    Limits::lines(&mut report, &measured.iter().map(|one| &one.limits).collect::<Vec<_>>());
    for (key, what, cost) in COSTS {
        let point = |one: &Measured| Some((figure(one.creators), cost(one)?));
        let growth = Growth::of(measured.iter().filter_map(point));
        let what = format!("{what} over creators");
        growth.line(&mut report, (&what, growth::LINEAR_MAX), measured.len());
        growth.figures(&mut report, &format!("ticks_{key}"));
    }
    measured.iter().for_each(|one| one.figures(&mut report));
    report
}

fn lines(report: &mut Report, measured: &[Measured]) {
    let mut line = |name: &str, goal: &str, cell: &dyn Fn(&Measured) -> String| {
        let cells = measured.iter().map(cell);
        report.line([name.to_owned(), goal.to_owned()].into_iter().chain(cells));
    };
    let middle_and_worst =
        |timings: &Timings| format!("{} / {} ms", short(timings.ms(500)), short(timings.ms(1000)));
    line("time, p50 / worst", "", &|one| middle_and_worst(&one.took));
    line("processor, all of our process, p50 / worst", "≤ 500 ms", &|one| {
        one.cpu_ms().map_or("?".to_owned(), |_| middle_and_worst(&one.cpu))
    });
    line("requests at most, the fewest possible", "≤ 200", &|one| {
        format!("{}, {}", grouped(one.requests), grouped(one.fewest))
    });
    line("statements", "", &|one| grouped(one.statements));
    line("peak memory, MiB", "≤ 61 (64 MB)", &|one| one.peak_mib.map_or("?".to_owned(), short));
    line("rows of money written", "0", &|one| short(one.a_tick(one.writes.money)));
    line("other rows written", "", &|one| short(one.a_tick(one.writes.other)));
    line("rival: asked for each creator, time, requests", "", &|one| {
        let ms = short(one.each.seconds * 1000.0);
        let left = match one.each.left {
            0 => String::new(),
            left => format!(", {} creators left", grouped(left)),
        };
        format!("{ms} ms, {}{left}", grouped(one.each.requests))
    });
}
