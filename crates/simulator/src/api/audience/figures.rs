//! Who spent most, what became of subscribers day by day, and tracking links.

use std::{cmp::Reverse, collections::BTreeMap};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::{by_offset, fan, scope};
use crate::{
    answer::Refusal,
    api::{Call, numbered},
    cursor::Filters,
    params::{format_instant, parse_instant},
    row::{DAY, MINUTE, Millis, NO_FAN, RAW},
    world::{Creator, World, audience::Audience},
};

/// The longest span of changes that is answered.
const CHANGES_MAX: Millis = 366 * DAY;

/// What each fan paid so far: gross and net cents, and messages.
pub(crate) fn spent(creator: &Creator, now: Millis) -> Vec<(u32, i64, i64, u32)> {
    let mut sums: BTreeMap<u32, (i64, i64, u32)> = BTreeMap::new();
    for row in creator.books.visible(None, None, now) {
        if row.fan == NO_FAN || row.source.is_reversal() || row.flags & RAW != 0 {
            continue;
        }
        let sum = sums.entry(row.fan).or_default();
        let is_message = u32::from(row.message().is_some());
        *sum = (sum.0 + row.gross, sum.1 + row.net, sum.2 + is_message);
    }
    let mut all: Vec<_> = sums.into_iter().map(|(fan, sum)| (fan, sum.0, sum.1, sum.2)).collect();
    all.sort_by_key(|(fan, gross, ..)| (Reverse(*gross), *fan));
    all
}

/// Who spent most.
pub(super) fn top_spenders(
    world: &World,
    call: Call<'_>,
    creator: &Creator,
) -> Result<Response<Bytes>, Refusal> {
    let mut errors = Vec::new();
    let page = call.params.number("page", 1, (1, 1_000_000), &mut errors);
    let size = call.params.number("size", 15, (1, 50), &mut errors);
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    let rows = spent(creator, call.now).into_iter().map(|(number, gross, net, messages)| {
        let user = fan(world, creator, number);
        json!({"gross": gross, "net": net, "messages": messages, "user": user})
    });
    Ok(numbered(rows, page, size))
}

/// What became of subscribers, in days that begin at midnight of the offset that was asked with.
pub(super) fn changes(
    world: &World,
    call: Call<'_>,
    creator: &Creator,
    audience: &Audience,
) -> Result<Response<Bytes>, Refusal> {
    let mut errors = Vec::new();
    let end = call.params.instant("endDate", &mut errors).unwrap_or(call.now);
    let start = call.params.instant("startDate", &mut errors).unwrap_or(end - 30 * DAY);
    let size = call.params.number("size", 20, (1, 50), &mut errors) as usize;
    if end - start > CHANGES_MAX {
        errors.push("the range is longer than 365 days".to_owned());
    }
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    let offset = call.params.get("startDate").map_or(0, offset);
    let midnight = (start + offset).div_euclid(DAY) * DAY - offset;
    let days = (midnight..end.min(call.now)).step_by(DAY as usize);
    let mut total = 0;
    let rows: Vec<Value> = days
        .map(|day| {
            let (new, cancelled) = audience.changes(day.max(start), (day + DAY).min(end));
            total += i64::from(new) - i64::from(cancelled);
            json!({
                "date": format_instant(day),
                "total": total,
                "newSubscribersCount": new,
                "cancelledSubscribersCount": cancelled,
            })
        })
        .collect();
    let filters = Filters { start: Some(start), end: Some(end), sources: 0 };
    by_offset(world, call, &rows, size, (scope(world, creator, 20), filters))
}

/// How far a local time written with an offset is ahead of UTC.
fn offset(text: &str) -> Millis {
    if parse_instant(text).is_none() {
        return 0;
    }
    let tail = text.get(10..).unwrap_or_default();
    let Some(at) = tail.rfind(['+', '-']) else { return 0 };
    let number = |from: usize| -> Millis {
        tail.get(at + from..at + from + 2).and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    let minutes = number(1) * 60 + number(4);
    if tail[at..].starts_with('-') { -minutes * MINUTE } else { minutes * MINUTE }
}

/// A page of tracking links.
pub(super) fn links(
    world: &World,
    call: Call<'_>,
    creator: &Creator,
    audience: &Audience,
) -> Result<Response<Bytes>, Refusal> {
    let mut errors = Vec::new();
    let size = call.params.number("limit", 20, (1, 50), &mut errors) as usize;
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    let made = audience.links.iter().filter(|link| link.made_at <= call.now);
    let rows: Vec<Value> = made
        .map(|link| {
            let engagement = link.brought.map(|(followers, subscribers, ..)| {
                json!({"acquiredFollowers": followers, "acquiredSubscribers": subscribers})
            });
            let earnings = link
                .brought
                .map(|(_, _, gross, net)| json!({"totalGross": gross, "totalNet": net}));
            json!({
                "uuid": link.uuid,
                "name": link.name,
                "linkUrl": format!("fv-{}", &link.uuid.to_string()[..8]),
                "externalSocialPlatform": "instagram",
                "createdAt": format_instant(link.made_at),
                "clicks": link.clicks,
                "engagement": engagement,
                "earnings": earnings,
            })
        })
        .collect();
    by_offset(world, call, &rows, size, (scope(world, creator, 30), Filters::NONE))
}
