//! The only place where the platform's words become ours: an earnings page into earnings and
//! rejects. Nothing is guessed about money: what can't be read exactly is a reject, kept whole. What
//! is not money (names, links, a status) never costs a row.

pub(crate) mod audience;
pub(crate) mod fields;
mod lists;

use jiff::{SignedDuration, Timestamp};
use ledger::{Cents, Cursor, Earning, Feed, OrderId, PayoutStatus, Reject, RejectReason, Source};
use serde_json::value::RawValue;

pub(crate) use self::lists::{
    account, agency_earnings_page, creators_page, new_webhook, sold_in_all, webhooks,
};
use crate::{
    EarningsPage,
    ids::uuid_text,
    request::PAGE_SIZE,
    wire::{self, EarningRow, Field, Object},
};

/// How far a row's date may lie after our clock before it is nonsense.
pub(crate) const FUTURE_SECONDS_MAX: i64 = 5 * 60;

/// The longest name of an unknown source that is kept.
const SOURCE_CHARS_MAX: usize = 40;

/// A page of earnings rows, or why the whole of it makes no sense.
pub(crate) fn earnings_page(
    text: &str,
    feed: Feed,
    now: Timestamp,
) -> Result<EarningsPage, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    let next = next_cursor(&body)?;
    if next.is_none() {
        check_end(&body, elements.len())?;
    }
    let (earnings, rejects) = sort_out(&elements, |row| earning(row, feed, now));
    Ok(EarningsPage { earnings, rejects, next })
}

/// Converts every element by itself; what fails is kept whole with its reason.
fn sort_out<T>(
    elements: &[&RawValue],
    convert: impl Fn(&Object<'_>) -> Result<T, RejectReason>,
) -> (Vec<T>, Vec<Reject>) {
    let (mut values, mut rejects) = (Vec::with_capacity(elements.len()), Vec::new());
    for element in elements {
        match fields::object(element.get()).and_then(|object| convert(&object)) {
            Ok(value) => values.push(value),
            Err(reason) => rejects.push(Reject { reason, raw: fields::kept(element.get()) }),
        }
    }
    (values, rejects)
}

/// A page without a cursor is the last, unless it says or looks otherwise: rows after it would never be asked
/// for, and be taken for gone.
fn check_end(body: &Object<'_>, rows: usize) -> Result<(), &'static str> {
    if matches!(lists::says_more(body), Ok(Some(true))) {
        return Err("pagination.hasMore without nextCursor");
    }
    if usize::from(PAGE_SIZE) <= rows && !body.names("nextCursor") {
        return Err("a full page without nextCursor");
    }
    Ok(())
}

/// Absent, null and empty all mean the end; anything that can't be sent back is an error.
fn next_cursor(body: &Object<'_>) -> Result<Option<Cursor>, &'static str> {
    match body.field("nextCursor") {
        Field::Absent => Ok(None),
        Field::Twice => Err("nextCursor appears twice"),
        field @ Field::Value(_) => {
            let text = field.text().ok_or("nextCursor is not text")?;
            if text.is_empty() {
                return Ok(None);
            }
            // A database refuses some of them, and no token holds any.
            if text.contains(char::is_control) {
                return Err("nextCursor holds control characters");
            }
            Cursor::new(&text).map(Some).ok_or("nextCursor is too long")
        }
    }
}

fn earning(row: &Object<'_>, feed: Feed, now: Timestamp) -> Result<Earning, RejectReason> {
    let row = EarningRow::of(row);
    let at = fields::instant("date", row.date)?;
    if at.duration_since(now) > SignedDuration::from_secs(FUTURE_SECONDS_MAX) {
        return Err(RejectReason::InTheFuture);
    }
    let source = source(row.source)?;
    let (gross, net) = amounts(&row, feed, source)?;
    check_signs(source, gross.0, net.0)?;
    Ok(Earning {
        at,
        source,
        gross,
        net,
        total: fields::cents("total", row.total).ok(),
        currency: fields::currency(row.currency),
        order_id: fields::order_id("transactionOrderId", row.transaction_order_id)?,
        status: row.transaction_order_status.text().and_then(|name| PayoutStatus::from_name(&name)),
        message_id: row.message_uuid.text().and_then(|text| uuid_text(&text)),
        post_id: row.post_uuid.text().and_then(|text| uuid_text(&text)),
        reverses: row.reversed_transaction_order_id.text().and_then(|text| OrderId::new(&text)),
        fan: fields::fan(row.user),
    })
}

/// The list of reversals tells magnitudes, whatever their sign; the ledger books what they take.
fn amounts(
    row: &EarningRow<'_>,
    feed: Feed,
    source: Source,
) -> Result<(Cents, Cents), RejectReason> {
    let gross = fields::cents("gross", row.gross)?;
    let net = fields::cents("net", row.net)?;
    match feed {
        Feed::Earnings => Ok((gross, net)),
        Feed::Reversals if source.is_reversal() => Ok((Cents(-gross.0.abs()), Cents(-net.0.abs()))),
        Feed::Reversals => Err(fields::malformed("source", "is no reversal")),
    }
}

fn source(field: Field<'_>) -> Result<Source, RejectReason> {
    let name = fields::required_text("source", field)?;
    Source::from_name(&name).ok_or_else(|| RejectReason::UnknownSource {
        name: fields::printable(&name, SOURCE_CHARS_MAX),
    })
}

/// A reversal takes money back and nothing else does. The creator's cut is part of a sale's price.
fn check_signs(source: Source, gross: i64, net: i64) -> Result<(), RejectReason> {
    let wrong = |amount: i64| if source.is_reversal() { amount > 0 } else { amount < 0 };
    let problem = if source.is_reversal() {
        "is positive on a reversal (sign)"
    } else {
        "is negative on a sale (sign)"
    };
    if wrong(gross) {
        return Err(fields::malformed("gross", problem));
    }
    if wrong(net) {
        return Err(fields::malformed("net", problem));
    }
    if !source.is_reversal() && net > gross {
        return Err(fields::malformed("net", "is more than gross"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
