//! The sums that an answer shows, read from those that are kept: of all creators by source, of all
//! sources by creator, by month where whole months are asked for and by day where not. How many rows
//! that are depends on the days asked for, and neither on the ledger nor on creators × sources × days.
//! Its one read of the ledger is a part of a single day, creator by creator, by index.

mod sql;

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, CreatorId, Run, Window};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, statements::Param};

/// Which sums are wanted.
#[derive(Clone, Copy, Debug)]
pub struct SumsAsked<'a> {
    /// The agency.
    pub agency: AgencyId,
    /// The creators: all of the agency's, or one.
    pub creators: &'a [CreatorId],
    /// Whether they are all of the agency's.
    pub are_all: bool,
    /// The first day of each bucket, ascending. A bucket ends where the next one begins. Those of the
    /// earlier days come first.
    pub starts: &'a [Date],
    /// The days to sum by bucket. Months among them are whole ones of a bucket.
    pub own: &'a [Run],
    /// The earlier days to sum as a whole, and in all by bucket.
    pub earlier: &'a [Run],
    /// All these days, both ends included.
    pub days: (Date, Date),
    /// Days among them to leave out, both ends included.
    pub left_out: Option<(Date, Date)>,
    /// A part of one more day, summed from the ledger.
    pub part: Option<PartOfDay>,
    /// IANA name of the zone in which days are counted.
    pub timezone: &'a str,
    /// Sales that only webhooks told of are added while they are fresh at this instant.
    pub now: Timestamp,
}

/// A part of a day that is compared with the part of today that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOfDay {
    /// The index of its bucket in [`SumsAsked::starts`].
    pub bucket: usize,
    /// From the day's first instant to the cut.
    pub window: Window,
}

/// What a sum is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SumBy {
    /// All creators' rows of one source, by its stored name.
    Source(String),
    /// All sources' rows of one creator.
    Creator(CreatorId),
    /// All rows. Only of earlier buckets, whose sums by source and by creator are of no bucket.
    All,
}

/// A sum in US cents. All those by source add up to the whole; so do all those by creator, and of
/// earlier buckets those in all together with those by source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevenueSum {
    /// The index of the bucket in [`SumsAsked::starts`]; `None`: of the earlier days, whichever bucket.
    pub bucket: Option<usize>,
    /// What it is for.
    pub by: SumBy,
    /// Sum of gross.
    pub gross: Cents,
    /// Sum of net.
    pub net: Cents,
    /// Rows, reversals included.
    pub count: i64,
    /// The part of `gross` that only webhooks told of.
    pub provisional_gross: Cents,
    /// The part of `count` that only webhooks told of.
    pub provisional_count: i64,
}

/// The cells of a row, which are sums of the same creator or source one after another: a row for each
/// would take longer to send than to find.
struct Cells {
    buckets: Vec<i32>,
    gross: Vec<i64>,
    net: Vec<i64>,
    counts: Vec<i64>,
    provisional: Option<(Vec<i64>, Vec<i64>)>,
}

impl Cells {
    fn of(row: &Row) -> Self {
        let provisional: Option<Vec<i64>> = row.get("provisional_gross");
        Self {
            buckets: row.get("buckets"),
            gross: row.get("gross"),
            net: row.get("net"),
            counts: row.get("counts"),
            provisional: provisional.map(|gross| (gross, row.get("provisional_counts"))),
        }
    }

    /// The sum in the `i`th place, with no bucket yet.
    fn sum(&self, i: usize, by: SumBy) -> RevenueSum {
        let provisional = self.provisional.as_ref();
        let (gross, count) = provisional.map_or((0, 0), |(gross, counts)| (gross[i], counts[i]));
        RevenueSum {
            bucket: None,
            by,
            gross: Cents(self.gross[i]),
            net: Cents(self.net[i]),
            count: self.counts[i],
            provisional_gross: Cents(gross),
            provisional_count: count,
        }
    }
}

/// Adds a row's sums. Days whose rows have all gone are of nothing.
fn read(row: &Row, sums: &mut Vec<RevenueSum>) -> Result<(), Error> {
    let by = match (row.get::<_, Option<String>>("source"), row.get::<_, Option<Uuid>>("model_id"))
    {
        (Some(source), _) => SumBy::Source(source),
        (None, Some(creator)) => SumBy::Creator(CreatorId(creator)),
        (None, None) => SumBy::All,
    };
    let has_bucket = !row.get::<_, bool>("is_earlier");
    let cells = Cells::of(row);
    for (i, bucket) in cells.buckets.iter().enumerate() {
        let mut sum = cells.sum(i, by.clone());
        if (sum.gross, sum.net, sum.count) == (Cents::ZERO, Cents::ZERO, 0) {
            continue;
        }
        if has_bucket {
            let unknown = |_| Error::Inconsistent { table: "revenue_sums", column: "day" };
            sum.bucket = Some(usize::try_from(bucket - 1).map_err(unknown)?);
        }
        sums.push(sum);
    }
    Ok(())
}

/// What the statement is given: values that live as long as it is asked, and runs by column, as `unnest`
/// takes them.
pub(crate) struct Columns {
    creators: Vec<Uuid>,
    left_out: (Option<Date>, Option<Date>),
    part: (Option<i32>, Option<Timestamp>, Option<Timestamp>),
    earlier: (Option<Date>, Option<Date>),
    is_earlier: Vec<bool>,
    spans: Vec<&'static str>,
    firsts: Vec<Date>,
    lasts: Vec<Date>,
}

impl Columns {
    fn of(asked: &SumsAsked<'_>) -> Self {
        let part = asked.part.and_then(|p| Some((i32::try_from(p.bucket + 1).ok()?, p.window)));
        let mut columns = Self {
            creators: asked.creators.iter().map(|creator| creator.0).collect(),
            left_out: asked.left_out.unzip(),
            part: (
                part.map(|(bucket, _)| bucket),
                part.map(|(_, window)| window.start()),
                part.map(|(_, window)| window.end()),
            ),
            earlier: (
                asked.earlier.first().map(|run| run.days.first()),
                asked.earlier.last().map(|run| run.days.last()),
            ),
            is_earlier: vec![],
            spans: vec![],
            firsts: vec![],
            lasts: vec![],
        };
        for (runs, is_earlier) in [(asked.own, false), (asked.earlier, true)] {
            for run in runs {
                columns.is_earlier.push(is_earlier);
                columns.spans.push(if run.is_months { "month" } else { "day" });
                columns.firsts.push(run.days.first());
                columns.lasts.push(run.days.last());
            }
        }
        columns
    }

    /// The statement's parameters.
    pub(crate) fn params<'p>(&'p self, asked: &'p SumsAsked<'_>) -> [Param<'p>; 18] {
        [
            (&asked.agency.0, Type::UUID),
            (&self.creators, Type::UUID_ARRAY),
            (&asked.starts, Type::DATE_ARRAY),
            (&asked.days.0, Type::DATE),
            (&asked.days.1, Type::DATE),
            (&self.left_out.0, Type::DATE),
            (&self.left_out.1, Type::DATE),
            (&self.part.0, Type::INT4),
            (&self.part.1, Type::TIMESTAMPTZ),
            (&self.part.2, Type::TIMESTAMPTZ),
            (&asked.timezone, Type::TEXT),
            (&asked.now, Type::TIMESTAMPTZ),
            (&self.is_earlier, Type::BOOL_ARRAY),
            (&self.spans, Type::TEXT_ARRAY),
            (&self.firsts, Type::DATE_ARRAY),
            (&self.lasts, Type::DATE_ARRAY),
            (&self.earlier.0, Type::DATE),
            (&self.earlier.1, Type::DATE),
        ]
    }
}

impl SumsAsked<'_> {
    pub(crate) fn sql(&self) -> String {
        if self.are_all { sql::of_all() } else { sql::of_one() }
    }

    pub(crate) fn columns(&self) -> Columns {
        Columns::of(self)
    }
}

/// The sums in the statement's answer: of the rollup, and of what only webhooks told of, by bucket and
/// source, and by bucket and creator; of the earlier days by bucket, by source, and by creator. Several
/// may be of the same.
pub(crate) fn sums(rows: &[Row]) -> Result<Vec<RevenueSum>, Error> {
    let mut sums = vec![];
    for row in rows {
        read(row, &mut sums)?;
    }
    Ok(sums)
}
