//! `GET /api/sync/repairs`: the receipts of what the nightly proof repaired, newest first, page by page.

use ::http::StatusCode;
use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId};
use serde::Serialize;
use serde_json::Value;
use store::{Reader, Repair};
use uuid::Uuid;

use crate::{
    Ctx,
    auth::{Right, authenticate},
    http::{Problem, Request, Response, json},
    query::{self, Query},
};

/// Receipts of a page, unless another number is asked for.
pub(crate) const LIMIT: i64 = 50;
/// The most receipts of a page.
pub(crate) const LIMIT_MAX: i64 = 200;

/// A page of receipts.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RepairPage"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<'a> {
    agency_id: AgencyId,
    repairs: Vec<Receipt<'a>>,
    /// For the parameter `cursor` of the next page, with all others as they were; null on the last.
    next_cursor: Option<String>,
}

/// What was repaired, and on what evidence.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Repair"))]
#[serde(rename_all = "camelCase")]
struct Receipt<'a> {
    id: Uuid,
    /// The creator; null for a sum over all.
    model_id: Option<CreatorId>,
    model_name: Option<&'a str>,
    /// Rows of the ledger, or sums that follow from it.
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = ["rows", "sums"])))]
    kind: &'a str,
    /// The UTC day of the rows; of a sum the agency's day, or null for a whole total.
    day: Option<Date>,
    /// `missing_row`, `amended_row`, `vanished_row`, `several`, `read_meanwhile`; of sums `drifted_total`,
    /// `drifted_rollup`, `drifted_sum`, `drifted_fans`.
    cause: &'a str,
    before_cents: i64,
    after_cents: i64,
    before_rows: i64,
    after_rows: i64,
    /// What was asked, Fanvue's total where it was told, and the keys of the rows, a hundred of each kind
    /// at most; `rowCount` says how many there were in all.
    evidence: &'a Value,
    repaired_at: Timestamp,
}

impl<'a> Receipt<'a> {
    fn of(one: &'a Repair) -> Self {
        Self {
            id: one.id,
            model_id: one.creator,
            model_name: one.name.as_deref(),
            kind: &one.kind,
            day: one.on,
            cause: &one.cause,
            before_cents: one.before.0,
            after_cents: one.after.0,
            before_rows: one.before.1,
            after_rows: one.after.1,
            evidence: &one.evidence,
            repaired_at: one.repaired_at,
        }
    }
}

/// Answers one page.
///
/// # Errors
/// 401, 403, 400, 404; 503 without a database.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["agencyId", "modelId", "limit", "cursor"])?;
    let named = query.uuid("agencyId")?.map(AgencyId);
    let creator = query.uuid("modelId")?.map(CreatorId);
    let (limit, after) = (limit(&query)?, query.get("cursor").map(place).transpose()?);
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(named).await?.id;
    if let Some(creator) = creator
        && !asker.reader.has_creator(agency, creator).await?
    {
        return Err(Problem::not_found("there is no such creator").about("modelId"));
    }
    let (found, next_cursor) = page(&asker.reader, agency, creator, (limit, after)).await?;
    let repairs = found.iter().map(Receipt::of).collect();
    json(StatusCode::OK, &Page { agency_id: agency, repairs, next_cursor })
}

/// Where a page begins.
type Place = (Timestamp, Uuid);

/// A page of receipts, and where the next one begins.
async fn page(
    reader: &Reader,
    agency: AgencyId,
    creator: Option<CreatorId>,
    (limit, after): (i64, Option<Place>),
) -> Result<(Vec<Repair>, Option<String>), store::Error> {
    let mut found = reader.list_repairs(agency, creator, after, limit + 1).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = size < found.len();
    found.truncate(size);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|one| format!("{}.{}", one.repaired_at.as_microsecond(), one.id));
    Ok((found, next))
}

/// The same for whoever holds the configuration: the newest, or those after a cursor.
///
/// # Errors
/// 400 for a cursor that is none, or a limit beyond those of the endpoint.
pub async fn newest(
    ctx: &Ctx,
    agency: AgencyId,
    creator: Option<Uuid>,
    words: &[(&str, &str)],
) -> Result<(Vec<Repair>, Option<String>), Problem> {
    let query = Query::of_words(words, &["limit", "cursor"])?;
    let from = (limit(&query)?, query.get("cursor").map(place).transpose()?);
    Ok(page(&ctx.store.reader(), agency, creator.map(CreatorId), from).await?)
}

fn limit(query: &Query) -> Result<i64, Problem> {
    let Some(text) = query.get("limit") else { return Ok(LIMIT) };
    let is_number = text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    let limit = if is_number { text.parse().ok() } else { None };
    limit.filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        Problem::bad_parameter("limit", format!("limit must be a number from 1 to {LIMIT_MAX}"))
    })
}

/// Where the page before ended.
fn place(text: &str) -> Result<Place, Problem> {
    let read = || {
        let (at, id) = text.split_once('.')?;
        Some((query::instant(at)?, Uuid::parse_str(id).ok()?))
    };
    let detail = "cursor must be the nextCursor of the page before";
    read().ok_or_else(|| Problem::bad_parameter("cursor", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_the_place_of_the_last_receipt() {
        let id = Uuid::from_u128(7);
        let at = Timestamp::from_microsecond(1_763_719_200_123_456).unwrap();
        assert_eq!(place(&format!("1763719200123456.{id}")), Ok((at, id)));
        for bad in ["", "x", ".", "1763719200123456", "1763719200123456.7"] {
            assert_eq!(place(bad).map_err(|p| p.status), Err(StatusCode::BAD_REQUEST), "{bad}");
        }
        for at in ["99999999999999999999", "-300000000000000000"] {
            assert!(place(&format!("{at}.{id}")).is_err(), "{at}");
        }
    }
}
