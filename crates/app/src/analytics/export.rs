//! `GET /api/analytics/export.csv`: the same rows as a file, of any length, piece by piece.
//!
//! One snapshot of the database is read page by page, each when the one before it was sent, so memory
//! holds one page and the sums are those that the dashboard had at that moment. A client that takes
//! nothing for a minute loses the snapshot, and its place to whoever asks then. What fails on the way breaks the connection: a file that
//! ends is whole. Where a platform can't send pieces, `platform` gathers them up to its limit.

mod csv;
mod files;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use store::{RowPlace, SalePlace};
use tracing::Span;

use crate::{
    Clock, Ctx,
    auth::{Right, authenticate},
    expensive,
    http::{Body, BrokenOff, Problem, Request, Response, chain},
    page::private,
    query::Query,
};

pub(crate) use self::files::Files;
use self::files::Place;
use super::{
    params::{self, Asked},
    rows::{Filter, Rows},
};

/// Rows of one piece. About 200 KB.
const PAGE: i64 = 500;

/// The most of an agency's name that stands in the name of a file.
const NAME_BYTES_MAX: usize = 60;

/// Answers with a file.
///
/// # Errors
/// As [`super::dashboard`]; 503 also while one of the agency, or as many as one instance may, are being
/// written; 429 for one too many.
pub async fn export(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &[params::NAMES, &Filter::PARAMETERS[..]].concat())?;
    let (asked, filter) = (Asked::of(&query)?, Filter::parse(&query)?);
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(asked.agency).await?;
    let rows = Rows::find(&asker, agency, (&asked, &filter), (None, ctx.clock.now())).await?;
    let place = ctx.files.take(rows.agency.id, ctx.clock.now())?;
    expensive::count(ctx, request, caller, rows.agency.id).await?;
    let disposition = format!("attachment; filename=\"{}\"", file_name(&rows));
    let tx = asker.reader.begin_snapshot("export_transactions").await?;
    place.leave(tx, ctx.clock.now());
    let clock = Arc::clone(&ctx.clock);
    let mut reading = Reading { rows, place: Some(place), next: Next::Open(None), clock };
    // What fails so early is still an answer of its own.
    let first = csv::HEADER.to_owned() + &reading.read().await?;
    let mut response = Response::new(body(first, reading));
    let headers = response.headers_mut();
    headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    private(&mut response);
    Ok(response)
}

/// `heartbeat-<agency>-<from>-<to>.csv`, in characters that no system minds.
fn file_name(rows: &Rows) -> String {
    let words = rows.agency.name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-").to_ascii_lowercase();
    name.truncate(NAME_BYTES_MAX);
    if name.is_empty() {
        name = rows.agency.id.to_string();
    }
    format!("heartbeat-{name}-{}-{}.csv", rows.days.first(), rows.days.last())
}

fn body(first: String, reading: Reading) -> Body {
    // The request's span, so that a failure is logged under its id.
    let span = Span::current();
    let rest = stream::try_unfold(reading, move |mut reading| {
        let span = span.clone();
        async move {
            match reading.read_more().await {
                Ok(Some(text)) => Ok(Some((Bytes::from(text), reading))),
                Ok(None) => Ok(None),
                Err(error) => {
                    span.in_scope(|| tracing::error!(error = chain(&error), "an export broke off"));
                    Err(BrokenOff)
                }
            }
        }
    });
    let first = stream::once(async { Ok(Bytes::from(first)) });
    Body::Pieces(first.chain(rest).boxed())
}

/// What is read next, and behind which row.
enum Next {
    /// What only webhooks told of.
    Open(Option<SalePlace>),
    /// The ledger.
    Booked(Option<RowPlace>),
    /// Nothing: all was read.
    Nothing,
}

/// A file that is being read.
struct Reading {
    rows: Rows,
    /// The place with the snapshot, until all was read.
    place: Option<Place>,
    next: Next,
    clock: Arc<dyn Clock>,
}

impl Reading {
    /// The next lines; `None` at the end. At most two pages are empty: the last ones.
    async fn read_more(&mut self) -> Result<Option<String>, store::Error> {
        while !matches!(self.next, Next::Nothing) {
            let text = self.read().await?;
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// One page, as lines. A snapshot that was given up is an error, so that no file ends as if it were whole.
    async fn read(&mut self) -> Result<String, store::Error> {
        let Some(place) = &self.place else { return Ok(String::new()) };
        let Some(tx) = place.resume() else {
            return Err(store::Error::Lost { statement: "export_transactions" });
        };
        let (asked, mut text) = (self.rows.asked(PAGE), String::new());
        let is_full = |count: usize| i64::try_from(count) == Ok(PAGE);
        self.next = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Open(after) => {
                let sales = tx.list_open_sales(&asked, after, self.rows.now).await?;
                sales.iter().for_each(|sale| csv::add_open(&mut text, sale, &self.rows));
                let last = sales.last().filter(|_| is_full(sales.len()));
                last.map_or(Next::Booked(None), |sale| Next::Open(Some(sale.place())))
            }
            Next::Booked(after) => {
                let rows = tx.list_transactions(&asked, after).await?;
                rows.iter().for_each(|row| csv::add_booked(&mut text, row, &self.rows));
                let last = rows.last().filter(|_| is_full(rows.len()));
                last.map_or(Next::Nothing, |row| Next::Booked(Some(row.place())))
            }
            Next::Nothing => Next::Nothing,
        };
        if matches!(self.next, Next::Nothing) {
            tx.rollback().await?;
            self.place = None;
        } else {
            place.leave(tx, self.clock.now());
        }
        Ok(text)
    }
}
