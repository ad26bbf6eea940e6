//! `GET /api/analytics/transactions`: the rows behind a figure, newest first, page by page.
//!
//! A page is one statement in the order of an index. The first one also has what only webhooks told
//! of, seen at the same moment: with it the rows of all pages add up to the dashboard's total.

mod shown;

use http::StatusCode;
use jiff::{Timestamp, civil::Date};
use ledger::Days;
use serde::Serialize;
use store::{OpenSale, Transaction};

use crate::{
    Ctx,
    auth::{Asker, Right, authenticate},
    http::{Problem, Request, Response, json},
    page::private,
    query::Query,
};

use self::shown::{RowShown, SaleShown};
use super::{
    answer::{AgencyShown, CURRENCY},
    params::{self, Asked},
    rows::{Cursor, Filter, Rows},
};

/// Rows of a page, unless another number is asked for.
pub(crate) const LIMIT: i64 = 50;
/// The most rows of a page.
pub(crate) const LIMIT_MAX: i64 = 200;
/// The most sales that only webhooks told of in one answer. They are there for minutes.
const OPEN_MAX: i64 = 1_000;

/// Answers one page.
///
/// # Errors
/// As [`super::dashboard`]; 400 also for a cursor that is none or of another question.
pub async fn transactions(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let wanted = PageAsked::parse(request)?;
    let PageAsked { asked, filter, limit, .. } = &wanted;
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(asked.agency).await?;
    let question = Cursor::question(&agency, asked, *filter);
    let cursor = wanted.cursor(&question)?;
    let days = cursor.map(|cursor| cursor.days);
    let rows = Rows::find(&asker, agency, (asked, filter), (days, ctx.clock.now())).await?;
    let page = Page::read(&asker, &rows, cursor, *limit).await?;
    let mut response = json(StatusCode::OK, &Answer::new(&rows, &page, &question))?;
    private(&mut response);
    Ok(response)
}

/// A question for a page, as its words ask it: nothing has been looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsked {
    asked: Asked,
    filter: Filter,
    limit: i64,
    /// Unread: it belongs to a question that only the agency completes.
    cursor: Option<String>,
}

impl PageAsked {
    /// Reads it off the query.
    ///
    /// # Errors
    /// 400 for parameters that make no sense; 414.
    pub fn parse(request: &Request) -> Result<Self, Problem> {
        let own = ["limit", "cursor"];
        let known = [params::NAMES, &Filter::PARAMETERS, &own[..]].concat();
        let query = Query::parse(request, &known)?;
        Ok(Self {
            asked: Asked::of(&query)?,
            filter: Filter::parse(&query)?,
            limit: limit(&query)?,
            cursor: query.get("cursor").map(str::to_owned),
        })
    }

    /// The days it means on the day `today`, where the first revenue was on `first_day`.
    ///
    /// # Errors
    /// 400 for days further ahead than tomorrow.
    pub fn days(&self, today: Date, first_day: Option<Date>) -> Result<Days, Problem> {
        self.asked.check_end(today)?;
        Ok(self.asked.range.days(today, first_day))
    }

    /// Rows of a page at most.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// Where the page before ended, if the question is one for a later page.
    ///
    /// # Errors
    /// 400 for what is no cursor of `question`.
    pub fn cursor(&self, question: &str) -> Result<Option<Cursor>, Problem> {
        self.cursor.as_deref().map(|text| Cursor::of_text(text, question)).transpose()
    }
}

fn limit(query: &Query) -> Result<i64, Problem> {
    let Some(text) = query.get("limit") else { return Ok(LIMIT) };
    let is_number = text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    let limit = if is_number { text.parse().ok() } else { None };
    limit.filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        Problem::bad_parameter("limit", format!("limit must be a number from 1 to {LIMIT_MAX}"))
    })
}

struct Page {
    rows: Vec<Transaction>,
    has_more: bool,
    open: Vec<OpenSale>,
    has_more_open: bool,
}

impl Page {
    async fn read(
        asker: &Asker,
        rows: &Rows,
        cursor: Option<Cursor>,
        limit: i64,
    ) -> Result<Self, store::Error> {
        let tx = asker.reader.begin_snapshot("list_transactions").await?;
        let after = cursor.map(|cursor| cursor.after);
        let found = tx.list_transactions(&rows.asked(limit + 1), after).await?;
        let open = match cursor {
            None => tx.list_open_sales(&rows.asked(OPEN_MAX + 1), None, rows.now).await?,
            Some(_) => vec![],
        };
        tx.rollback().await?;
        let (rows, has_more) = cut(found, limit);
        let (open, has_more_open) = cut(open, OPEN_MAX);
        Ok(Self { rows, has_more, open, has_more_open })
    }
}

/// The first rows, and whether there are more.
fn cut<T>(mut rows: Vec<T>, limit: i64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = limit < rows.len();
    rows.truncate(limit);
    (rows, has_more)
}

/// A page of the rows behind a figure, newest first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "TransactionPage"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer<'a> {
    agency: AgencyShown<'a>,
    /// What every amount is in.
    #[cfg_attr(feature = "openapi", schemars(extend("const" = CURRENCY)))]
    currency: &'static str,
    /// The IANA name of the zone that days are counted in.
    timezone: &'a str,
    period: PeriodShown,
    transactions: Vec<RowShown<'a>>,
    /// Sales that only webhooks told of; on the first page only.
    provisional: Vec<SaleShown<'a>>,
    /// There are more of these than an answer holds: wait for their rows.
    provisional_cut: bool,
    /// For the parameter `cursor` of the next page, with all others as they were; `null` on the last.
    next_cursor: Option<String>,
    generated_at: Timestamp,
}

/// The days that are listed, both ends included.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ListedPeriod"))]
struct PeriodShown {
    from: Date,
    to: Date,
}

impl<'a> Answer<'a> {
    fn new(rows: &'a Rows, page: &'a Page, question: &str) -> Self {
        let days = rows.days;
        let last = page.rows.last().filter(|_| page.has_more);
        let cursor = last.map(|row| Cursor { days, after: row.place() }.to_text(question));
        Self {
            agency: AgencyShown::of(&rows.agency),
            currency: CURRENCY,
            timezone: &rows.agency.timezone,
            period: PeriodShown { from: days.first(), to: days.last() },
            transactions: page
                .rows
                .iter()
                .map(|row| RowShown::new(row, rows.day(row.at)))
                .collect(),
            provisional: page
                .open
                .iter()
                .map(|sale| SaleShown::new(sale, rows.day(sale.at)))
                .collect(),
            provisional_cut: page.has_more_open,
            next_cursor: cursor,
            generated_at: rows.now,
        }
    }
}
