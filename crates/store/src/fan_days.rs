//! The days on which fans paid: written with the rows that say so, counted without them. How many fans paid
//! within some days is how many paid there for the first time since these days began, so it is a sum
//! of counts, whatever the days. See docs/adr/0019-fans-are-counted-by-the-day-they-paid-before.md.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId, FanDelta, Window};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Lease, statements::Param};

/// Of a fan with fewer purchases on a day the rows say whether one is left. A day of any zone lies within
/// three of UTC.
pub(crate) const FORGET_FAN_DAYS: &str = "-- forget_fan_days
delete from fan_days d
 using unnest($3::text[], $4::date[]) as c (fan_id, day), agencies a
 where a.id = $1 and d.agency_id = $1 and d.model_id = $2
   and d.fan_id = c.fan_id and d.day = c.day
   and not exists (
       select from fanvue_transactions t
        where t.agency_id = $1 and t.model_id = $2 and t.fan_id = c.fan_id
          and t.transaction_date >= (c.day - 1)::timestamp at time zone 'UTC'
          and t.transaction_date < (c.day + 2)::timestamp at time zone 'UTC'
          and (t.transaction_date at time zone a.timezone)::date = c.day
          and is_purchase(t.transaction_type, t.amount_cents))";

/// A fan who had paid on that day already is there.
pub(crate) const ADD_FAN_DAYS: &str = "-- add_fan_days
insert into fan_days (agency_id, model_id, fan_id, day)
select $1, $2, c.* from unnest($3::text[], $4::date[]) as c
    on conflict (agency_id, fan_id, day, model_id) do nothing";

/// Fans and days by column, as `unnest` takes them.
pub(crate) struct FanColumns<'a> {
    fans: Vec<&'a str>,
    days: Vec<Date>,
}

impl<'a> FanColumns<'a> {
    /// Those with fewer purchases than before.
    pub(crate) fn fewer(deltas: &[FanDelta<'a>]) -> Self {
        Self::of(deltas, |count| count < 0)
    }

    /// Those with more.
    pub(crate) fn more(deltas: &[FanDelta<'a>]) -> Self {
        Self::of(deltas, |count| 0 < count)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fans.is_empty()
    }

    /// The parameters of either statement.
    pub(crate) fn params<'p>(&'p self, lease: &'p Lease) -> [Param<'p>; 4] {
        [
            (&lease.agency.0, Type::UUID),
            (&lease.creator.0, Type::UUID),
            (&self.fans, Type::TEXT_ARRAY),
            (&self.days, Type::DATE_ARRAY),
        ]
    }

    fn of(deltas: &[FanDelta<'a>], is_wanted: fn(i64) -> bool) -> Self {
        let wanted = deltas.iter().filter(|delta| is_wanted(delta.count));
        let (fans, days) = wanted.map(|delta| (delta.fan, delta.day)).unzip();
        Self { fans, days }
    }
}

/// Which fans are to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FansAsked {
    /// The agency.
    pub agency: AgencyId,
    /// One creator; `None` for all of the agency's, where a fan of two creators counts once.
    pub creator: Option<CreatorId>,
    /// The days, both ends included.
    pub own: (Date, Date),
    /// The earlier days that are counted in full, both ends included.
    pub earlier: Option<(Date, Date)>,
    /// One more earlier day, of which a part is counted: the day, and from its first instant to the cut.
    pub part: Option<(Date, Window)>,
}

/// How many fans there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fans {
    /// Fans who paid.
    pub paying: i64,
    /// Those among them who had never paid before.
    pub new: i64,
}

/// The fans of some days, and of the earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FanCounts {
    /// Of the days.
    pub own: Fans,
    /// Of the earlier days.
    pub earlier: Fans,
}

/// `offset 0` has each day looked up by index: what a fan's count is under may lie anywhere before.
const COUNTS: &str = "-- count_fans
with spans as (
    select * from (values (false, $3::date, $4::date), (true, $5::date, $6::date))
        as s (is_earlier, first, last)
     where first <= last
), cells as (
    select s.is_earlier, c.fan_count, c.before_day = '-infinity' as is_new
      from spans s
     cross join lateral (
           select s.first + n as day from generate_series(0, s.last - s.first) as n) as d
     cross join lateral (
           select f.fan_count, f.before_day
             from fan_counts f
            where f.agency_id = $1 and f.day = d.day and f.before_day < s.first";

/// Of the part of a day each fan's life before is looked up, an entry of the index each.
const PART: &str = "
           offset 0) as c
     union all
    select true, 1, l.day is null
      from (select distinct t.fan_id
              from fanvue_transactions t
             where t.agency_id = $1 and t.transaction_date >= $8 and t.transaction_date < $9
               and t.fan_id is not null and is_purchase(t.transaction_type, t.amount_cents)";

const BEFORE: &str = ") as p
      left join lateral (
           select d.day from fan_days d
            where d.agency_id = $1 and d.fan_id = p.fan_id and d.day < $7";

const SUMS: &str = "
            order by d.day desc limit 1) as l on true
     where l.day is null or l.day < coalesce($5, $7)
)
select is_earlier, sum(fan_count)::bigint as paying_fans,
       coalesce(sum(fan_count) filter (where is_new), 0)::bigint as new_fans
  from cells group by is_earlier";

/// The statement for all of an agency's creators, or for one.
fn counting(of_one: bool) -> String {
    let (of_counts, of_rows, of_days) = if of_one {
        (" and f.model_id = $2", " and t.model_id = $2", " and d.model_id = $2")
    } else {
        (" and f.model_id is null and $2::uuid is null", "", "")
    };
    [COUNTS, of_counts, PART, of_rows, BEFORE, of_days, SUMS].concat()
}

/// What the statement is given, as long as it is asked.
pub(crate) struct Spans {
    creator: Option<Uuid>,
    earlier: (Option<Date>, Option<Date>),
    part: (Option<Date>, Option<Timestamp>, Option<Timestamp>),
}

impl Spans {
    /// The statement's parameters.
    pub(crate) fn params<'p>(&'p self, asked: &'p FansAsked) -> [Param<'p>; 9] {
        [
            (&asked.agency.0, Type::UUID),
            (&self.creator, Type::UUID),
            (&asked.own.0, Type::DATE),
            (&asked.own.1, Type::DATE),
            (&self.earlier.0, Type::DATE),
            (&self.earlier.1, Type::DATE),
            (&self.part.0, Type::DATE),
            (&self.part.1, Type::TIMESTAMPTZ),
            (&self.part.2, Type::TIMESTAMPTZ),
        ]
    }
}

impl FansAsked {
    pub(crate) fn sql(&self) -> String {
        counting(self.creator.is_some())
    }

    pub(crate) fn spans(&self) -> Spans {
        Spans {
            creator: self.creator.map(|creator| creator.0),
            earlier: self.earlier.unzip(),
            part: (
                self.part.map(|(day, _)| day),
                self.part.map(|(_, window)| window.start()),
                self.part.map(|(_, window)| window.end()),
            ),
        }
    }
}

/// How many fans paid in those days and in the earlier ones, and how many of them were new. A count was
/// read for each day and each earlier day that fans came back from, however many fans there are.
pub(crate) fn counts(rows: &[Row]) -> FanCounts {
    let mut counts = FanCounts::default();
    for row in rows {
        let counted = Fans { paying: row.get("paying_fans"), new: row.get("new_fans") };
        if row.get("is_earlier") {
            counts.earlier = counted;
        } else {
            counts.own = counted;
        }
    }
    counts
}
