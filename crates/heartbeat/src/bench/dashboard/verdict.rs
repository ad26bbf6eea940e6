//! What was measured beside what is promised.

use super::{Question, Samples, Size, Taken, rivals::Rivals};
use crate::{
    bench::{
        growth::Growth,
        limits::ROUND_TRIP,
        report::{Report, figure, quantiles, short},
        timings::Timings,
    },
    cli::DashboardArgs,
    progress::grouped,
};

const RANGES: [(&str, &str); 4] =
    [("7d", ""), ("30d", "p99 ≤ 5 ms"), ("1y", "p99 ≤ 15 ms"), ("all", "")];
/// What a cost that hardly grows with the ledger may have.
const FLAT_MAX: &str = "≤ 0.1";
/// Ranges that the service asks for too.
const COMPARED: [&str; 2] = ["30d", "1y"];

/// A column for each size.
pub(super) fn report(sizes: &[Size], taken: &Taken, args: &DashboardArgs) -> Report {
    let lately = args.lately.map_or_else(
        || "evenly spread".to_owned(),
        |rows| format!("{} rows a creator in the newest 60 days", grouped(rows)),
    );
    let title = format!(
        "`heartbeat bench dashboard`: 20 agencies × 20 creators × {} days, {lately}, statements {}, \
         {} answers each, sizes in turn; p50 / p95 / p99",
        args.days, args.statements, args.rounds
    );
    let columns = sizes.iter().map(|size| format!("{} rows", grouped(size.rows)));
    let mut report = Report::new([title, "goal".to_owned()].into_iter().chain(columns));
    let table = Table { sizes, taken };
    for (range, goal) in RANGES {
        let name = format!("{range}, as a user");
        table.line(&mut report, (&name, goal), |place| {
            quantiles(&table.samples(place, Question::User(range)).whole)
        });
    }
    let unchanged = |place| table.samples(place, Question::Unchanged).whole;
    table.line(&mut report, ("304", "p50 ≤ 0.3 ms"), |place| quantiles(&unchanged(place)));
    for (name, goal, per_mille) in
        [("30d, p50 over that of the first size", "", 500), ("the same, p99", "≤ 1.3", 990)]
    {
        table.line(&mut report, (name, goal), |place| short(table.growth(place, per_mille)));
    }
    for range in COMPARED {
        let name = format!("{range}: user over service, medians of the queries / of the answers");
        table.line(&mut report, (&name, "≤ 1.20"), |place| {
            let cost = table.security(place, range);
            format!("{} / {}", short(cost.query), short(cost.whole))
        });
    }
    table.line(&mut report, (ROUND_TRIP, ""), |place| quantiles(&sizes[place].rivals.round_trip));
    let (month, all) = ("rival: 30d summed from the ledger's rows", "rival: all summed from them");
    table.line(&mut report, (month, ""), |place| quantiles(&sizes[place].rivals.month));
    table.line(&mut report, (all, ""), |place| quantiles(&sizes[place].rivals.all));
    let cells = "kept sums read for 30d / 1y / all of an agency";
    table.line(&mut report, (cells, ""), |place| sizes[place].cells.map(grouped).join(" / "));
    (0..sizes.len()).for_each(|place| table.figures(&mut report, place));
    for (range, _) in RANGES {
        let growth = table.growths(range, 500);
        growth.line(&mut report, (&format!("{range}, p50 over rows"), FLAT_MAX), sizes.len());
        growth.figures(&mut report, &format!("dashboard_{range}_p50"));
        table.growths(range, 990).figures(&mut report, &format!("dashboard_{range}_p99"));
    }
    report
}

struct Table<'a> {
    sizes: &'a [Size],
    taken: &'a Taken,
}

/// Ratios of a user's medians to the service's.
struct Cost {
    query: f64,
    whole: f64,
}

impl Table<'_> {
    fn line(
        &self,
        report: &mut Report,
        (name, goal): (&str, &str),
        cell: impl Fn(usize) -> String,
    ) {
        let cells = (0..self.sizes.len()).map(cell);
        report.line([name.to_owned(), goal.to_owned()].into_iter().chain(cells));
    }

    fn samples(&self, place: usize, question: Question) -> Samples {
        self.taken.get(&(place, question)).cloned().unwrap_or_default()
    }

    /// How much longer 30 days take than in the first database.
    fn growth(&self, place: usize, per_mille: usize) -> f64 {
        let ms = |place| self.samples(place, Question::User("30d")).whole.ms(per_mille);
        ms(place) / ms(0)
    }

    /// How the time of a range grows with the ledger.
    fn growths(&self, range: &'static str, per_mille: usize) -> Growth {
        let ms = |place| self.samples(place, Question::User(range)).whole.ms(per_mille);
        Growth::of(
            self.sizes.iter().enumerate().map(|(place, size)| (figure(size.rows), ms(place))),
        )
    }

    fn security(&self, place: usize, range: &'static str) -> Cost {
        let (user, service) = (
            self.samples(place, Question::User(range)),
            self.samples(place, Question::Service(range)),
        );
        let ratio = |user: &Timings, service: &Timings| user.ms(500) / service.ms(500);
        Cost {
            query: ratio(&user.query, &service.query),
            whole: ratio(&user.whole, &service.whole),
        }
    }

    fn figures(&self, report: &mut Report, place: usize) {
        let Size { rows, cells, .. } = &self.sizes[place];
        for (range, _) in RANGES {
            let samples = self.samples(place, Question::User(range));
            report.lengths(&format!("dashboard_{rows}_{range}"), &samples.whole);
            report.lengths(&format!("dashboard_{rows}_{range}_query"), &samples.query);
        }
        for range in COMPARED {
            let samples = self.samples(place, Question::Service(range));
            report.lengths(&format!("dashboard_{rows}_{range}_service"), &samples.whole);
            report.lengths(&format!("dashboard_{rows}_{range}_service_query"), &samples.query);
            let cost = self.security(place, range);
            report.figure(format!("dashboard_{rows}_{range}_security_query_ratio"), cost.query);
            report.figure(format!("dashboard_{rows}_{range}_security_whole_ratio"), cost.whole);
        }
        let unchanged = self.samples(place, Question::Unchanged).whole;
        report.lengths(&format!("dashboard_{rows}_304"), &unchanged);
        let Rivals { round_trip, month, all } = &self.sizes[place].rivals;
        for (name, timings) in
            [("select_1", round_trip), ("30d_of_rows", month), ("all_of_rows", all)]
        {
            report.lengths(&format!("dashboard_{rows}_{name}"), timings);
        }
        report.figure(format!("dashboard_{rows}_30d_p50_over_first"), self.growth(place, 500));
        report.figure(format!("dashboard_{rows}_30d_p99_over_first"), self.growth(place, 990));
        for (name, count) in ["30d", "1y", "all"].into_iter().zip(cells) {
            report.figure(format!("dashboard_{rows}_{name}_sums_read"), figure(*count));
        }
    }
}
