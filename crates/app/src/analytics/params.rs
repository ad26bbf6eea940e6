//! What the dashboard's parameters ask for, checked before any work is done.

use jiff::{ToSpan, civil::Date};
use ledger::{AgencyId, CreatorId, Days, FIRST_DAY, NamedRange};

use crate::{
    http::{Problem, Request},
    query::Query,
};

/// The parameters of a question to the dashboard.
pub(crate) const NAMES: &[&str] = &["agencyId", "modelId", "timeRange", "startDate", "endDate"];

/// The longest range with own dates, in years.
pub(crate) const YEARS_MAX: i32 = 10;

/// A question to the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) agency: Option<AgencyId>,
    /// One creator; `None` for all.
    pub(crate) creator: Option<CreatorId>,
    pub(crate) range: Range,
}

/// The days asked for: by name, or by their ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    Named(NamedRange),
    Own(Days),
}

impl Asked {
    pub(super) fn parse(request: &Request) -> Result<Self, Problem> {
        Self::of(&Query::parse(request, NAMES)?)
    }

    /// The question in a query that may hold other parameters too.
    pub(crate) fn of(query: &Query) -> Result<Self, Problem> {
        Ok(Self {
            agency: query.uuid("agencyId")?.map(AgencyId),
            creator: creator(query)?,
            range: range(query)?,
        })
    }

    /// Refuses days further ahead than tomorrow, which only the agency's zone can tell.
    pub(crate) fn check_end(&self, today: Date) -> Result<(), Problem> {
        let tomorrow = today.saturating_add(1.day());
        match self.range {
            Range::Own(days) if tomorrow < days.last() => {
                let detail = format!("endDate may be {tomorrow} at the latest");
                Err(Problem::bad_parameter("endDate", detail))
            }
            _ => Ok(()),
        }
    }
}

impl Range {
    pub(crate) fn days(self, today: Date, first_day: Option<Date>) -> Days {
        match self {
            Self::Named(range) => range.days(today, first_day),
            Self::Own(days) => days,
        }
    }

    /// Whether its days depend on the first day with revenue.
    pub(super) fn needs_first_day(self) -> bool {
        self == Self::Named(NamedRange::All)
    }

    /// Whether there can be earlier days to compare with.
    pub(super) fn has_before(self) -> bool {
        self != Self::Named(NamedRange::All)
    }
}

fn creator(query: &Query) -> Result<Option<CreatorId>, Problem> {
    Ok(query.uuid_or_all("modelId")?.map(CreatorId))
}

fn range(query: &Query) -> Result<Range, Problem> {
    let refuse = |field, detail: &str| Err(Problem::bad_parameter(field, detail));
    let named = match query.get("timeRange") {
        None => None,
        Some(name) => match NamedRange::from_name(name) {
            Some(range) => Some(range),
            None => return refuse("timeRange", "timeRange must be one of 7d, 30d, 90d, 1y, all"),
        },
    };
    let (first, last) = match (query.date("startDate")?, query.date("endDate")?) {
        (None, None) => return Ok(Range::Named(named.unwrap_or(NamedRange::Days30))),
        (Some(_), None) => return refuse("endDate", "startDate needs an endDate, also YYYY-MM-DD"),
        (None, Some(_)) => {
            return refuse("startDate", "endDate needs a startDate, also YYYY-MM-DD");
        }
        (Some(first), Some(last)) => (first, last),
    };
    if named.is_some() {
        return refuse("timeRange", "send either timeRange or startDate and endDate, not both");
    }
    if first < FIRST_DAY {
        let detail = format!("startDate may be {FIRST_DAY} at the earliest");
        return refuse("startDate", &detail);
    }
    let Some(days) = Days::new(first, last) else {
        return refuse("startDate", "startDate must not be after endDate");
    };
    if first.saturating_add(YEARS_MAX.years()) < last {
        let detail = format!("endDate may be {YEARS_MAX} years after startDate at the latest");
        return refuse("endDate", &detail);
    }
    Ok(Range::Own(days))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::civil::date;

    use super::*;

    fn parse(query: &str) -> Result<Asked, Problem> {
        let uri = format!("/api/analytics/dashboard?{query}");
        Asked::parse(&::http::Request::builder().uri(uri).body(Bytes::new()).unwrap())
    }

    #[test]
    fn without_parameters_it_is_everybody_and_thirty_days() {
        let named = |range| Asked { agency: None, creator: None, range: Range::Named(range) };
        assert_eq!(parse(""), Ok(named(NamedRange::Days30)));
        assert_eq!(parse("modelId=all&timeRange=1y"), Ok(named(NamedRange::Year)));
    }

    #[test]
    fn own_dates_are_days_with_both_ends_in() {
        let asked = parse("startDate=2026-11-01&endDate=2026-11-21").unwrap();
        let Range::Own(days) = asked.range else { panic!("{asked:?}") };
        assert_eq!((days.count(), days.last()), (21, date(2026, 11, 21)));
        assert_eq!(asked.check_end(date(2026, 11, 20)), Ok(()));
        let problem = asked.check_end(date(2026, 11, 19)).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("endDate"));
        assert!(problem.detail.contains("2026-11-20"), "{}", problem.detail);
    }

    #[test]
    fn every_refusal_names_its_parameter() {
        for (query, field) in [
            ("timeRange=31d", "timeRange"),
            ("timeRange=30D", "timeRange"),
            ("modelId=ALL", "modelId"),
            ("modelId=1", "modelId"),
            ("agencyId=all", "agencyId"),
            ("agency=1", "agency"),
            ("startDate=2026-11-01", "endDate"),
            ("endDate=2026-11-01", "startDate"),
            ("startDate=2026-11-02&endDate=2026-11-01", "startDate"),
            ("startDate=2026-11-01T00:00:00Z&endDate=2026-11-02", "startDate"),
            ("startDate=2026-11-01&endDate=tomorrow", "endDate"),
            ("startDate=2014-12-31&endDate=2015-01-02", "startDate"),
            ("startDate=2015-01-01&endDate=2025-01-02", "endDate"),
            ("startDate=2026-01-01&endDate=9999-12-31", "endDate"),
            ("startDate=2026-11-01&endDate=2026-11-02&timeRange=7d", "timeRange"),
        ] {
            let problem = parse(query).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some(field), "{query}: {}", problem.detail);
            assert_eq!(problem.status.as_u16(), 400);
        }
        assert!(parse("startDate=2015-01-01&endDate=2025-01-01").is_ok());
    }
}
