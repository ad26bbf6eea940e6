//! `GET /insights/earnings/summary` and its creator twin: sums that leave reversals out.
//!
//! They are cached for ten minutes like the platform's, so they are not a figure to reconcile with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Call;
use crate::{
    answer::{self, Refusal},
    oauth::Caller,
    params::format_instant,
    row::{DAY, Millis, RAW, Row, Source},
    world::{Creator, World},
};

/// Answers kept for a while, by creator and query.
#[derive(Debug, Default)]
pub(crate) struct Summaries(HashMap<String, (Millis, Value)>);

/// Gross and net cents.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    gross: i64,
    net: i64,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        self.gross += row.gross;
        self.net += row.net;
    }

    fn json(self) -> Value {
        json!({"gross": self.gross, "net": self.net})
    }
}

/// A summary's query, checked.
struct Query {
    start: Option<Millis>,
    end: Option<Millis>,
    weekly: bool,
    zone: TimeZone,
    zone_name: String,
}

/// The summary of the caller or of a creator.
pub(crate) fn summary(
    world: &mut World,
    call: Call<'_>,
    caller: &Caller,
    creator: Option<Uuid>,
) -> Result<Response<Bytes>, Refusal> {
    let query = query(call)?;
    let days_max = i64::from(world.settings.summary_days_max);
    let creator = match creator {
        None => world.creator(caller.account),
        Some(uuid) => {
            let found = world.managed_by(caller.account, uuid);
            Some(found.ok_or_else(|| Refusal::missing("Creator not found"))?)
        }
    };
    if let (Some(start), Some(end)) = (query.start, query.end)
        && end - start > days_max * DAY
    {
        return Err(Refusal::failed());
    }
    let owner = creator.map_or(caller.account, |creator| creator.profile.uuid);
    let key =
        format!("{owner} {:?} {:?} {} {}", query.start, query.end, query.weekly, query.zone_name);
    let kept = i64::from(world.settings.summary_cache_seconds) * 1000;
    if let Some((_, body)) = world.summaries.0.get(&key).filter(|(at, _)| call.now < at + kept) {
        return Ok(answer::json(StatusCode::OK, body));
    }
    let body = body(creator, &query, call.now);
    world.summaries.0.insert(key, (call.now, body.clone()));
    Ok(answer::json(StatusCode::OK, &body))
}

fn query(call: Call<'_>) -> Result<Query, Refusal> {
    let mut errors = Vec::new();
    let start = call.params.instant("startDate", &mut errors);
    let end = call.params.instant("endDate", &mut errors);
    let weekly = match call.params.get("granularity") {
        None | Some("day") => false,
        Some("week") => true,
        Some(_) => {
            errors.push("granularity must be one of day, week".to_owned());
            false
        }
    };
    let zone_name = call.params.get("timezone").unwrap_or("UTC").to_owned();
    let zone = TimeZone::get(&zone_name).unwrap_or_else(|_| {
        errors.push("timezone must be an IANA time zone".to_owned());
        TimeZone::UTC
    });
    match errors.is_empty() {
        true => Ok(Query { start, end, weekly, zone, zone_name }),
        false => Err(Refusal::errors(errors)),
    }
}

fn body(creator: Option<&Creator>, query: &Query, now: Millis) -> Value {
    let sales = |start, end| {
        let rows = creator.map(|creator| creator.books.visible(start, end, now));
        rows.into_iter().flatten().filter(|row| !row.source.is_reversal() && row.flags & RAW == 0)
    };
    let mut all_time = Sum::default();
    sales(None, None).for_each(|row| all_time.add(row));
    let months = months(sales(None, None), &query.zone, now);
    let mut by_source: BTreeMap<&str, Sum> = BTreeMap::new();
    for name in ["subs", "messages", "posts", "tips", "referrals", "renewals", "other"] {
        by_source.insert(name, Sum::default());
    }
    let mut over_time: BTreeMap<Date, Sum> = BTreeMap::new();
    let mut weekdays = Averages::new(1..=7);
    let mut hours = Averages::new(0..=23);
    for row in sales(query.start, query.end) {
        let local = local(row.at, &query.zone);
        let date = local.date();
        by_source.entry(bin(row.source)).or_default().add(row);
        over_time.entry(period(date, query.weekly)).or_default().add(row);
        weekdays.add(i64::from(date.weekday().to_monday_one_offset()), date, row.gross);
        hours.add(i64::from(local.hour()), date, row.gross);
    }
    let sums = |names: &[&str]| -> Value {
        let pick = |name: &&str| ((*name).to_owned(), by_source[name].json());
        names.iter().map(pick).collect::<Map<String, Value>>().into()
    };
    let point = |(date, sum): (&Date, &Sum)| {
        let start = date.to_zoned(query.zone.clone()).map(|at| at.timestamp().as_millisecond());
        let start = format_instant(start.unwrap_or_default());
        json!({"periodStart": start, "gross": sum.gross, "net": sum.net})
    };
    json!({
        "totals": {"allTime": all_time.json(), "thisMonth": months},
        "breakdownBySource":
            sums(&["subs", "messages", "posts", "tips", "referrals", "renewals", "other"]),
        "earningsByType": sums(&["renewals", "messages", "tips", "subs"]),
        "overTime": over_time.iter().map(point).collect::<Vec<Value>>(),
        "averageByDayOfWeek": weekdays.json(),
        "averageByHourOfDay": hours.json(),
        "period": {
            "startDate": query.start.map(format_instant),
            "endDate": query.end.map(format_instant),
            "granularity": if query.weekly { "week" } else { "day" },
            "timezone": query.zone_name,
        },
    })
}

fn local(at: Millis, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}

fn period(date: Date, weekly: bool) -> Date {
    let back = if weekly { i64::from(date.weekday().to_monday_zero_offset()) } else { 0 };
    date.checked_sub(jiff::Span::new().days(back)).unwrap_or(date)
}

fn bin(source: Source) -> &'static str {
    match source {
        Source::Subscription => "subs",
        Source::Message => "messages",
        Source::Post => "posts",
        Source::Tip => "tips",
        Source::Referral | Source::Affiliate => "referrals",
        Source::Renewal => "renewals",
        _ => "other",
    }
}

/// This month and the one before, in the zone asked for.
fn months<'a>(sales: impl Iterator<Item = &'a Row>, zone: &TimeZone, now: Millis) -> Value {
    let this = local(now, zone).date().first_of_month();
    let last = this.yesterday().map_or(this, Date::first_of_month);
    let (mut current, mut previous) = (Sum::default(), Sum::default());
    for row in sales {
        let month = local(row.at, zone).date().first_of_month();
        if month == this {
            current.add(row);
        } else if month == last {
            previous.add(row);
        }
    }
    let change = |now: i64, before: i64| {
        (before != 0).then(|| (now - before) * 100 / before).map_or(Value::Null, Value::from)
    };
    json!({
        "gross": current.gross,
        "net": current.net,
        "previousMonthGross": previous.gross,
        "previousMonthNet": previous.net,
        "grossChangePercentage": change(current.gross, previous.gross),
        "netChangePercentage": change(current.net, previous.net),
    })
}

/// Gross by weekday or hour, averaged over the dates that sold in it.
struct Averages(BTreeMap<i64, (i64, BTreeSet<Date>)>);

impl Averages {
    fn new(keys: impl Iterator<Item = i64>) -> Averages {
        Averages(keys.map(|key| (key, (0, BTreeSet::new()))).collect())
    }

    fn add(&mut self, key: i64, date: Date, gross: i64) {
        let entry = self.0.entry(key).or_default();
        entry.0 += gross;
        entry.1.insert(date);
    }

    fn json(self) -> Value {
        let average = |(key, (gross, dates)): (i64, (i64, BTreeSet<Date>))| {
            (key.to_string(), Value::from(gross / (dates.len() as i64).max(1)))
        };
        self.0.into_iter().map(average).collect::<Map<String, Value>>().into()
    }
}
