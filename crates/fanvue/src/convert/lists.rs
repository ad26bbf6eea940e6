//! Accounts, creators, totals and webhooks into our words. Not earnings rows.

use jiff::civil::Date;
use ledger::{Cents, RejectReason};

use super::{fields, next_cursor, sort_out};
use crate::{
    Account, AgencyDay, AgencyEarningsPage, AgencyMark, CreatorListing, CreatorUuid, CreatorsPage,
    NewWebhook, Webhook, WebhookId, Webhooks,
    wire::{self, Field, Object},
};

/// The account that a token belongs to.
pub(crate) fn account(text: &str) -> Result<Account, &'static str> {
    let body = wire::body(text)?;
    Ok(Account {
        uuid: creator_uuid("uuid", body.field("uuid")).map_err(|_| "uuid is missing or no uuid")?,
        handle: fields::name(body.field("handle")),
        display_name: fields::name(body.field("displayName")),
        is_creator: boolean(body.field("isCreator")).ok_or("isCreator is missing or no boolean")?,
    })
}

/// What was sold in all, of a summary.
pub(crate) fn sold_in_all(text: &str) -> Result<Cents, &'static str> {
    let body = wire::body(text)?;
    let totals = body.field("totals").object().ok_or("totals is missing or no object")?;
    let all = totals.field("allTime").object().ok_or("totals.allTime is missing or no object")?;
    let gross = fields::cents("gross", all.field("gross"));
    gross.map_err(|_| "totals.allTime.gross is missing or no amount")
}

/// A page of an agency's creators.
pub(crate) fn creators_page(text: &str) -> Result<CreatorsPage, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    let has_more = match says_more(&body)? {
        Some(more) => more && !elements.is_empty(),
        // A cursor can't be sent to this endpoint, and stopping would pass for the end.
        None => return Err("pagination is missing"),
    };
    let (creators, rejects) = sort_out(&elements, listing);
    Ok(CreatorsPage { creators, rejects, has_more })
}

fn listing(entry: &Object<'_>) -> Result<CreatorListing, RejectReason> {
    Ok(CreatorListing {
        uuid: creator_uuid("uuid", entry.field("uuid"))?,
        handle: fields::name(entry.field("handle")),
        display_name: fields::name(entry.field("displayName")),
        role: fields::name(entry.field("role")),
    })
}

/// A page of an agency's totals; `asked` is the mark that was sent.
pub(crate) fn agency_earnings_page(
    text: &str,
    asked: Option<&AgencyMark>,
) -> Result<AgencyEarningsPage, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    let next = next_mark(&body, asked, elements.is_empty())?;
    let (days, rejects) = sort_out(&elements, agency_day);
    Ok(AgencyEarningsPage { days, rejects, next })
}

/// The documentation says cursors, the answers say pages: whichever the answer holds. Neither is an
/// error, because taking it for the end would hide the rest.
pub(super) fn next_mark(
    body: &Object<'_>,
    asked: Option<&AgencyMark>,
    is_empty: bool,
) -> Result<Option<AgencyMark>, &'static str> {
    if let Some(cursor) = next_cursor(body)? {
        return Ok(Some(AgencyMark::Cursor(cursor)));
    }
    let page = match asked {
        None => 1,
        Some(AgencyMark::Page(page)) => *page,
        Some(AgencyMark::Cursor(_)) if body.names("nextCursor") => return Ok(None),
        Some(AgencyMark::Cursor(_)) => return Err("nextCursor is missing"),
    };
    match says_more(body)? {
        Some(true) if !is_empty => Ok(Some(AgencyMark::Page(page.saturating_add(1)))),
        Some(_) => Ok(None),
        None if body.names("nextCursor") => Ok(None),
        None => Err("neither pagination nor nextCursor"),
    }
}

/// `pagination.hasMore`; `None` without a pagination block.
pub(super) fn says_more(body: &Object<'_>) -> Result<Option<bool>, &'static str> {
    match body.field("pagination") {
        Field::Absent => Ok(None),
        Field::Twice => Err("pagination appears twice"),
        field @ Field::Value(_) => {
            let more = field.object().and_then(|pagination| boolean(pagination.field("hasMore")));
            more.map(Some).ok_or("pagination.hasMore is missing or no boolean")
        }
    }
}

/// A webhook that was just registered. Lenient about all but what is needed to use it.
pub(crate) fn new_webhook(text: &str) -> Result<NewWebhook, &'static str> {
    let body = wire::body(text)?;
    let secret = body.either("signing_secret").text();
    let secret = secret.filter(|secret| !secret.is_empty()).ok_or("no usable signing secret")?;
    Ok(NewWebhook {
        id: webhook_id(body.field("id")).map_err(|_| "id is missing or no plausible id")?,
        signing_secret: secret.into(),
    })
}

/// The webhooks of an account.
pub(crate) fn webhooks(text: &str) -> Result<Webhooks, &'static str> {
    let body = wire::body(text)?;
    let (webhooks, rejects) = sort_out(&wire::data(&body)?, webhook);
    Ok(Webhooks { webhooks, rejects })
}

fn webhook(entry: &Object<'_>) -> Result<Webhook, RejectReason> {
    let events = entry.field("events").raw().and_then(|raw| serde_json::from_str(raw).ok());
    Ok(Webhook {
        id: webhook_id(entry.field("id"))?,
        url: fields::required_text("url", entry.field("url"))?,
        events: events.ok_or_else(|| fields::malformed("events", "is no list of texts"))?,
        created_at: fields::instant("createdAt", entry.either("created_at")).ok(),
    })
}

fn webhook_id(field: Field<'_>) -> Result<WebhookId, RejectReason> {
    let text = fields::required_text("id", field)?;
    WebhookId::new(&text).ok_or_else(|| fields::malformed("id", "is no plausible id"))
}

fn agency_day(row: &Object<'_>) -> Result<AgencyDay, RejectReason> {
    Ok(AgencyDay {
        creator: creator_uuid("creatorUuid", row.field("creatorUuid"))?,
        on: date(row.field("date"))?,
        gross: fields::cents("gross", row.field("gross"))?,
        net: fields::cents("net", row.field("net"))?,
        currency: fields::currency(row.field("currency")),
    })
}

fn date(field: Field<'_>) -> Result<Date, RejectReason> {
    let text = fields::required_text("date", field)?;
    let parsed = if text.len() == "2026-09-04".len() { text.parse().ok() } else { None };
    parsed.ok_or_else(|| fields::malformed("date", "is not a day"))
}

fn creator_uuid(name: &'static str, field: Field<'_>) -> Result<CreatorUuid, RejectReason> {
    let text = fields::required_text(name, field)?;
    CreatorUuid::new(&text).ok_or_else(|| fields::malformed(name, "is no uuid"))
}

fn boolean(field: Field<'_>) -> Option<bool> {
    field.raw().and_then(|raw| raw.parse().ok())
}

#[cfg(test)]
mod tests;
