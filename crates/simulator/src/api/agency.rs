//! `GET /agencies/earnings`: sums of paid invoices by creator and UTC day, newest day first.
//!
//! Reversals are never in them. The connected account is not a creator it manages, so not in either.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{Call, CursorPage, numbered};
use crate::{
    answer::{self, Refusal},
    cursor::{Cursor, Filters},
    dice::{mix, mix_bytes},
    row::{DAY, RAW},
    settings::{AgencyPaging, Order},
    world::{World, books::Position},
};

/// The most creators one request may name.
const CREATORS_MAX: usize = 50;

/// One creator's day.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatorDay {
    creator_uuid: Uuid,
    date: String,
    gross: i64,
    net: i64,
    currency: &'static str,
}

/// The sums of a span, paged.
pub(crate) fn earnings(world: &World, call: Call<'_>) -> Result<Response<Bytes>, Refusal> {
    let mut errors = Vec::new();
    let start = call.params.instant("startDate", &mut errors);
    let end = call.params.instant("endDate", &mut errors);
    for (name, value) in [("startDate", start), ("endDate", end)] {
        if value.is_none() && call.params.get(name).is_none() {
            errors.push(format!("{name} is required"));
        }
    }
    let page = call.params.number("page", 1, (1, 1_000_000), &mut errors);
    let size = call.params.number("size", 15, (1, 50), &mut errors);
    let mut wanted: Vec<Uuid> = Vec::new();
    for text in call.params.list("creatorUuids") {
        match text.parse() {
            Ok(uuid) => wanted.push(uuid),
            Err(_) => errors.push(format!("creatorUuids has an invalid UUID '{text}'")),
        }
    }
    if wanted.len() > CREATORS_MAX {
        errors.push(format!("creatorUuids may name at most {CREATORS_MAX} creators"));
    }
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    let filters = Filters { start, end, sources: 0 };
    let days = days(world, call, filters, &wanted);
    match world.settings.agency_paging {
        AgencyPaging::Page => Ok(numbered(days.into_iter(), page, size)),
        AgencyPaging::Cursor => by_cursor(world, call, days, filters, &wanted, size as usize),
    }
}

/// Every creator-day with a paid invoice, newest first.
fn days(world: &World, call: Call<'_>, filters: Filters, wanted: &[Uuid]) -> Vec<CreatorDay> {
    let mut sums: BTreeMap<(i64, usize), (Uuid, i64, i64)> = BTreeMap::new();
    let chosen = |uuid: &Uuid| wanted.is_empty() || wanted.contains(uuid);
    for (index, creator) in world.managed().enumerate() {
        let uuid = creator.profile.uuid;
        if !chosen(&uuid) {
            continue;
        }
        for row in creator.books.visible(filters.start, filters.end, call.now) {
            let reward = row.source.is_reward() && !world.settings.agency_rewards;
            if row.source.is_reversal() || reward {
                continue;
            }
            let (gross, net) = match row.flags & RAW {
                0 => (row.gross, row.net),
                // Whatever form its row has: an invoice was paid, or none.
                _ => match creator.books.raw(row.id).and_then(|raw| raw.counts) {
                    Some(counts) => counts,
                    None => continue,
                },
            };
            let day = -row.at.div_euclid(DAY);
            let sum = sums.entry((day, index)).or_insert((uuid, 0, 0));
            sum.1 += gross;
            sum.2 += net;
        }
    }
    let one = |((day, _), (creator_uuid, gross, net)): ((i64, usize), _)| CreatorDay {
        creator_uuid,
        date: date(-day),
        gross,
        net,
        currency: "USD",
    };
    sums.into_iter().map(one).collect()
}

fn date(day: i64) -> String {
    let midnight = Timestamp::from_millisecond(day * DAY).unwrap_or(Timestamp::UNIX_EPOCH);
    midnight.strftime("%Y-%m-%d").to_string()
}

/// The documented style, which the real platform does not answer.
fn by_cursor(
    world: &World,
    call: Call<'_>,
    days: Vec<CreatorDay>,
    filters: Filters,
    wanted: &[Uuid],
    size: usize,
) -> Result<Response<Bytes>, Refusal> {
    let scope = wanted.iter().fold(mix(world.seed, 3), |hash, u| mix_bytes(hash, u.as_bytes()));
    let first = Cursor {
        position: Position::Offset(0),
        order: Order::Newest,
        page: 1,
        issued_at: call.now,
        filters,
    };
    let cursor = match call.params.filled("cursor") {
        None => first,
        Some(text) => Cursor::decode(text, scope)
            .filter(|cursor| cursor.filters == filters)
            .ok_or_else(|| Refusal::message("Invalid cursor"))?,
    };
    let skip = if let Position::Offset(count) = cursor.position { count as usize } else { 0 };
    let data: Vec<CreatorDay> = days.iter().skip(skip).take(size).cloned().collect();
    let position = Position::Offset((skip + data.len()) as u64);
    let next = Cursor { position, page: cursor.page + 1, issued_at: call.now, filters, ..cursor };
    let next_cursor = (skip + data.len() < days.len()).then(|| next.encode(scope));
    Ok(answer::json(StatusCode::OK, &CursorPage { data, next_cursor }))
}
