//! The rows behind a figure: whose, of which days and sources. The list and the export ask for them in
//! the words in which the dashboard is asked, and mean the same days.

mod cursor;
mod filter;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ledger::{CreatorId, Days};
use store::{Agency, RowsAsked, Transaction};

pub use self::cursor::Cursor;
pub(super) use self::filter::Filter;

use crate::{auth::Asker, http::Problem};

use super::{params::Asked, zone};

/// A question for rows, with all that it means found out.
pub(super) struct Rows {
    pub(super) agency: Agency,
    pub(super) zone: TimeZone,
    pub(super) days: Days,
    /// When it was asked: what only webhooks told of is shown as long as it is fresh then.
    pub(super) now: Timestamp,
    creator: Option<CreatorId>,
    sources: Option<Vec<String>>,
}

impl Rows {
    /// Finds out what is meant; `days` are those of an earlier page, which go on to be meant.
    ///
    /// # Errors
    /// As the dashboard's.
    pub(super) async fn find(
        asker: &Asker,
        agency: Agency,
        (asked, filter): (&Asked, &Filter),
        (days, now): (Option<Days>, Timestamp),
    ) -> Result<Self, Problem> {
        let zone = zone(&agency)?;
        let today = ledger::today(now, &zone);
        asked.check_end(today)?;
        let first_day = first_day(asker, &agency, asked, now).await?;
        let days = days.unwrap_or_else(|| asked.range.days(today, first_day));
        let sources = filter.sources(asker, agency.id).await?;
        Ok(Self { agency, zone, days, now, creator: asked.creator, sources })
    }

    /// The same for the database.
    pub(super) fn asked(&self, limit: i64) -> RowsAsked<'_> {
        RowsAsked {
            agency: self.agency.id,
            creator: self.creator,
            sources: self.sources.as_deref(),
            instants: self.days.instants(&self.zone),
            limit,
        }
    }

    /// The day of an instant, where the agency counts its days.
    pub(super) fn day(&self, at: Timestamp) -> Date {
        ledger::today(at, &self.zone)
    }
}

/// The first day with revenue, where it matters. A creator who is not the agency's is refused here.
async fn first_day(
    asker: &Asker,
    agency: &Agency,
    asked: &Asked,
    now: Timestamp,
) -> Result<Option<Date>, Problem> {
    let is_needed = asked.range.needs_first_day();
    if asked.creator.is_none() {
        let day = if is_needed { asker.reader.first_revenue_day(agency.id).await? } else { None };
        return Ok(day);
    }
    let creators = super::list_creators(asker, agency, asked, now).await?;
    Ok(creators.first().and_then(|creator| creator.first_day))
}

/// Fanvue's own id of the row, if it has one: a key made here begins with `~`.
pub(super) fn order_id(row: &Transaction) -> Option<&str> {
    Some(row.key.as_str()).filter(|key| !key.starts_with('~'))
}
