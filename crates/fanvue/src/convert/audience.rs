//! What is told of an audience into our words. A count is only as good as every entry of its list, so
//! nothing is guessed: an entry that makes no sense is a reject, and what to do about it is the caller's.

use jiff::Timestamp;
use ledger::RejectReason;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    fields,
    lists::{next_mark, says_more},
    next_cursor, sort_out,
};
use crate::{
    AgencyMark, Changes, ChangesPage, LinksPage, PeopleList, PeoplePage, Person, Profile,
    TopSpender, TopSpenders, TrackingLink,
    wire::{self, Field, Object},
};

/// The largest count that is believed.
const COUNT_MAX: i64 = 1_000_000_000;
/// The longest address of a link that is kept.
const URL_CHARS_MAX: usize = 500;

/// A page of people; `asked` is the mark that was sent.
pub(crate) fn people_page(
    text: &str,
    list: PeopleList,
    asked: Option<&AgencyMark>,
    now: Timestamp,
) -> Result<PeoplePage, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    refuse_hollow(&body, &elements)?;
    let next = next_mark(&body, asked, elements.is_empty())?;
    let (people, rejects) = sort_out(&elements, |entry| match list {
        PeopleList::Subscribers => subscriber(entry, now),
        PeopleList::Followers => Ok(Person { key: key(entry)?, counts: 1 }),
        PeopleList::Chats => chat(entry),
    });
    Ok(PeoplePage { people, rejects, next })
}

/// The list holds whoever has a subscription, also one that was never confirmed or has been over for
/// long. What it does not say, or says in a word that is new, leaves them what the list makes them.
fn subscriber(entry: &Object<'_>, now: Timestamp) -> Result<Person, RejectReason> {
    let key = key(entry)?;
    let Some(subscription) = entry.field("subscription").object() else {
        return Ok(Person { key, counts: 1 });
    };
    let end = fields::instant("currentPeriodEnd", subscription.either("current_period_end")).ok();
    let subscribes = match subscription.field("status").text().as_deref() {
        Some("pending_confirmation" | "paused" | "expired") => false,
        Some("cancelled") => end.is_none_or(|end| now < end),
        _ => true,
    };
    Ok(Person { key, counts: i64::from(subscribes) })
}

/// What a chat counts is unread in it. One that a person marked unread may count nothing.
fn chat(entry: &Object<'_>) -> Result<Person, RejectReason> {
    let fan = entry.field("user").object();
    let fan = fan.ok_or(RejectReason::Missing { field: "user" })?;
    let counts = count("unreadMessagesCount", entry.either("unread_messages_count"))?;
    Ok(Person { key: key(&fan)?, counts })
}

/// Half of the uuid under `uuid` or, as some lists have it, `id`.
fn key(entry: &Object<'_>) -> Result<u64, RejectReason> {
    let field = match entry.field("uuid") {
        Field::Absent => entry.field("id"),
        field => field,
    };
    uuid("uuid", field).map(|uuid| uuid.as_u64_pair().0)
}

fn uuid(name: &'static str, field: Field<'_>) -> Result<Uuid, RejectReason> {
    let text = fields::required_text(name, field)?;
    Uuid::try_parse(&text).map_err(|_| fields::malformed(name, "is no uuid"))
}

/// A whole number that is not negative, from its digits.
fn count(name: &'static str, field: Field<'_>) -> Result<i64, RejectReason> {
    let number = fields::cents(name, field)?.0;
    match (0..=COUNT_MAX).contains(&number) {
        true => Ok(number),
        false => Err(fields::malformed(name, "is no plausible count")),
    }
}

fn small(name: &'static str, field: Field<'_>) -> Result<i32, RejectReason> {
    let number = count(name, field)?;
    i32::try_from(number).map_err(|_| fields::malformed(name, "is no plausible count"))
}

/// The unread messages of the account itself.
pub(crate) fn unread_messages(text: &str) -> Result<i32, &'static str> {
    let body = wire::body(text)?;
    small("unreadMessagesCount", body.field("unreadMessagesCount"))
        .map_err(|_| "unreadMessagesCount is missing or no count")
}

/// Posts and likes of the account itself. A number that makes no sense is not told.
pub(crate) fn profile(text: &str) -> Result<Profile, &'static str> {
    let body = wire::body(text)?;
    let contents = body.field("contentCounts").object();
    let posts = contents.and_then(|counts| small("postCount", counts.field("postCount")).ok());
    let likes = small("likesCount", body.field("likesCount")).ok();
    match (posts, likes) {
        (None, None) => Err("neither postCount nor likesCount"),
        (posts, likes) => Ok(Profile { posts, likes }),
    }
}

/// A page of what became of subscribers.
pub(crate) fn changes_page(text: &str) -> Result<ChangesPage, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    let next = continued(&body, &elements)?;
    let (days, rejects) = sort_out(&elements, changes);
    Ok(ChangesPage { days, rejects, next })
}

fn changes(row: &Object<'_>) -> Result<Changes, RejectReason> {
    Ok(Changes {
        at: fields::instant("date", row.field("date"))?,
        new: small("newSubscribersCount", row.field("newSubscribersCount"))?,
        cancelled: small("cancelledSubscribersCount", row.field("cancelledSubscribersCount"))?,
    })
}

/// The fans who spent most.
pub(crate) fn top_spenders(text: &str) -> Result<TopSpenders, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    refuse_hollow(&body, &elements)?;
    let (spenders, rejects) = sort_out(&elements, top_spender);
    Ok(TopSpenders { spenders, rejects })
}

fn top_spender(row: &Object<'_>) -> Result<TopSpender, RejectReason> {
    Ok(TopSpender {
        fan: fields::fan(row.field("user")).ok_or(RejectReason::Missing { field: "user" })?,
        gross: fields::cents("gross", row.field("gross"))?,
        net: fields::cents("net", row.field("net"))?,
        messages: small("messages", row.field("messages"))?,
    })
}

/// A page of tracking links.
pub(crate) fn tracking_links_page(text: &str) -> Result<LinksPage, &'static str> {
    let body = wire::body(text)?;
    let elements = wire::data(&body)?;
    let next = continued(&body, &elements)?;
    let (links, rejects) = sort_out(&elements, tracking_link);
    Ok(LinksPage { links, rejects, next })
}

fn tracking_link(row: &Object<'_>) -> Result<TrackingLink, RejectReason> {
    let engagement = row.field("engagement").object();
    let gained = |name: &'static str| {
        engagement.as_ref().and_then(|gained| count(name, gained.field(name)).ok())
    };
    let (gross, net) = match row.field("earnings").object() {
        None => (None, None),
        Some(earned) => (
            Some(fields::cents("totalGross", earned.field("totalGross"))?),
            Some(fields::cents("totalNet", earned.field("totalNet"))?),
        ),
    };
    let url = fields::required_text("linkUrl", row.field("linkUrl"))?;
    Ok(TrackingLink {
        id: uuid("uuid", row.field("uuid"))?,
        name: fields::name(row.field("name")).ok_or(RejectReason::Missing { field: "name" })?,
        url: url.chars().filter(|c| !c.is_control()).take(URL_CHARS_MAX).collect(),
        platform: fields::name(row.field("externalSocialPlatform")),
        created_at: fields::instant("createdAt", row.field("createdAt")).ok(),
        clicks: count("clicks", row.field("clicks"))?,
        followers: gained("acquiredFollowers"),
        subscribers: gained("acquiredSubscribers"),
        gross,
        net,
    })
}

/// Where a list goes on that is paged by cursor. One that says nothing of it has no end that could be
/// believed.
fn continued(
    body: &Object<'_>,
    elements: &[&RawValue],
) -> Result<Option<ledger::Cursor>, &'static str> {
    if !body.names("nextCursor") {
        return Err("nextCursor is missing");
    }
    refuse_hollow(body, elements)?;
    next_cursor(body)
}

/// An empty page after which more is said to follow is neither a page nor an end: what was on it would be
/// missing from a count that takes the place of a good one.
fn refuse_hollow(body: &Object<'_>, elements: &[&RawValue]) -> Result<(), &'static str> {
    let is_hollow =
        elements.is_empty() && (next_cursor(body)?.is_some() || says_more(body)? == Some(true));
    if is_hollow { Err("an empty page says that more follows") } else { Ok(()) }
}

#[cfg(test)]
mod tests;
