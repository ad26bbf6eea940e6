//! `GET /insights/earnings`, its creator twin, and `GET /insights/spending`: the feeds of rows.
//!
//! Only rows visible now are listed. Older generations show no reversals; spending shows nothing else.

use bytes::Bytes;
use http::{Response, StatusCode};
use uuid::Uuid;

use super::{Call, CursorPage};
use crate::{
    answer::{self, Refusal},
    cursor::{Cursor, Filters},
    dice::{mix, mix_bytes},
    oauth::Caller,
    params::Params,
    row::{EVERYTHING, FIRST_GENERATION, Millis, REVERSALS, Row, Source, parse_order_id},
    settings::{CursorStyle, Rows},
    wire::{self, WireRow},
    world::{
        Creator, World,
        books::{Position, Selection},
    },
};

/// A feed's query, checked.
struct Query {
    filters: Filters,
    ids: Option<Vec<u64>>,
    size: u32,
    /// What the cursor's tag covers besides filters: world, feed, creator, order ids.
    scope: u64,
}

/// The earnings feed of the caller or of a creator.
pub(crate) fn earnings(
    world: &World,
    call: Call<'_>,
    caller: &Caller,
    creator: Option<Uuid>,
) -> Result<Response<Bytes>, Refusal> {
    let rows = generation(world, call.v1);
    let known = match rows {
        Rows::G1 | Rows::G1b => FIRST_GENERATION,
        Rows::V1 => EVERYTHING,
        _ => EVERYTHING & !REVERSALS & !Source::FanExperience.bit(),
    };
    let whose = creator.unwrap_or(caller.account);
    let mut query = query(world, call.params, known, (1, whose))?;
    if matches!(rows, Rows::G1 | Rows::G1b) {
        query.ids = None;
    }
    let creator = match creator {
        Some(uuid) => Some(
            world
                .managed_by(caller.account, uuid)
                .ok_or_else(|| Refusal::missing("Creator not found"))?,
        ),
        None => world.creator(caller.account),
    };
    // Rows of a source the generation did not know yet are shown all the same: money is not hidden.
    let shown = if rows == Rows::V1 { EVERYTHING } else { EVERYTHING & !REVERSALS };
    page(world, call, creator, query, shown, |world, creator, row, now| {
        wire::earning(world, creator, row, rows, now)
    })
}

/// The caller's reversals as magnitudes. There is no such feed for a creator.
pub(crate) fn spending(
    world: &World,
    call: Call<'_>,
    caller: &Caller,
) -> Result<Response<Bytes>, Refusal> {
    let query = query(world, call.params, REVERSALS, (2, caller.account))?;
    let creator = world.creator(caller.account);
    page(world, call, creator, query, REVERSALS, |world, creator, row, _| {
        wire::spending(world, creator, row)
    })
}

/// Which generation of rows a path answers.
fn generation(world: &World, v1: bool) -> Rows {
    match world.settings.rows {
        Rows::Auto if v1 => Rows::V1,
        Rows::Auto => Rows::G2,
        forced => forced,
    }
}

fn query(
    world: &World,
    params: &Params,
    known: u32,
    (feed, whose): (u64, Uuid),
) -> Result<Query, Refusal> {
    let mut errors = Vec::new();
    let start = params.instant("startDate", &mut errors);
    let end = params.instant("endDate", &mut errors);
    let size = params.number("size", 20, (1, 50), &mut errors);
    let mut sources = 0;
    for name in params.list("source") {
        match Source::parse(name).map(Source::bit).filter(|bit| bit & known != 0) {
            Some(bit) => sources |= bit,
            None if name == "all" => sources = EVERYTHING,
            None => errors.push(format!("source has an unknown value '{name}'")),
        }
    }
    if !errors.is_empty() {
        return Err(Refusal::errors(errors));
    }
    let named = params.list("transactionOrderIds");
    let ids: Vec<u64> = named.iter().filter_map(|id| parse_order_id(id)).collect();
    let scope = mix(mix_bytes(mix(world.seed, feed), whose.as_bytes()), named.len() as u64);
    Ok(Query {
        filters: Filters { start, end, sources },
        scope: ids.iter().fold(scope, |hash, id| mix(hash, *id)),
        ids: (!named.is_empty()).then_some(ids),
        size,
    })
}

/// One page of a feed.
fn page<'w>(
    world: &'w World,
    call: Call<'_>,
    creator: Option<&'w Creator>,
    query: Query,
    shown: u32,
    render: impl Fn(&World, &'w Creator, &Row, Millis) -> WireRow<'w>,
) -> Result<Response<Bytes>, Refusal> {
    let cursor = resume(world, call, &query)?;
    let Some(creator) = creator else {
        let page = CursorPage::<WireRow<'_>> { data: Vec::new(), next_cursor: None };
        return Ok(answer::json(StatusCode::OK, &page));
    };
    let filters = cursor.filters;
    let selection = Selection {
        start: filters.start,
        end: filters.end,
        sources: if filters.sources == 0 { shown } else { filters.sources & shown },
        ids: query.ids,
        raws: matches!(filters.sources, 0 | EVERYTHING) && shown & !REVERSALS != 0,
    };
    let size = query.size as usize;
    let shown_at = call.now - i64::from(world.settings.rows_lag_seconds) * 1000;
    let page = creator.books.page(&selection, cursor.position, cursor.order, size, shown_at);
    let next = page.rows.last().filter(|_| page.more).map(|last| {
        let position = match world.settings.cursor_style {
            CursorStyle::Keyset => Position::After(last.at, last.id),
            CursorStyle::Offset => {
                let before = if let Position::Offset(n) = cursor.position { n } else { 0 };
                Position::Offset(before + page.rows.len() as u64)
            }
        };
        Cursor { position, page: cursor.page + 1, issued_at: call.now, ..cursor }
    });
    let data = page.rows.iter().map(|row| render(world, creator, row, call.now)).collect();
    let next_cursor = next.map(|next| next.encode(query.scope));
    Ok(answer::json(StatusCode::OK, &CursorPage { data, next_cursor }))
}

/// Where the request stands: its cursor if it has a good one, else the start of a pass.
fn resume(world: &World, call: Call<'_>, query: &Query) -> Result<Cursor, Refusal> {
    let invalid = || Refusal::message("Invalid cursor");
    let Some(text) = call.params.filled("cursor") else {
        return Ok(Cursor {
            position: Position::Top,
            order: world.settings.order,
            page: 1,
            issued_at: call.now,
            filters: query.filters,
        });
    };
    let cursor = Cursor::decode(text, query.scope).ok_or_else(invalid)?;
    let other_query = query.filters != cursor.filters && query.filters != Filters::NONE;
    let life = world.settings.cursor_ttl_seconds.map(|seconds| i64::from(seconds) * 1000);
    let expired = life.is_some_and(|life| call.now >= cursor.issued_at + life);
    if other_query || expired { Err(invalid()) } else { Ok(cursor) }
}
