//! `/sim/creators` and `/sim/bulk`: more creators, with or without a past of exact size.
//!
//! Added creators take no part in live sales; they earn what they are told to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Control, ControlError};
use crate::{
    row::{DAY, Millis},
    world::{World, books::Books, history, profile::Profile},
};

/// The most rows one call may make.
const ROWS_MAX: u64 = 5_000_000;
/// The most creators one call may add.
const CREATORS_MAX: u64 = 10_000;

/// The longest history.
const DAYS_MAX: u32 = 10_000;

/// A creator to add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCreator {
    /// Display name; invented if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many rows of history she has, exactly; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Over how many days before now they are spread; 365 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// How many of a hundred rows are exact twins of another: same millisecond, fan and amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twins_percent: Option<u64>,
}

/// Many creators to add, with equal shares of some rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bulk {
    /// How many.
    pub creators: u64,
    /// How many rows all of them have together.
    pub rows: u64,
    /// Over how many days before now they are spread; 365 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// How many of a hundred rows are exact twins of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twins_percent: Option<u64>,
}

pub(crate) fn list(world: &World, now: Millis) -> Value {
    let one = |creator: &crate::world::Creator| {
        let profile = &creator.profile;
        json!({
            "uuid": profile.uuid,
            "name": profile.name,
            "handle": profile.handle,
            "isAgencyAccount": profile.uuid == world.agency,
            "rows": creator.books.visible(None, None, now).count(),
        })
    };
    let creators: Vec<Value> = world.creators.iter().map(one).collect();
    json!({"agency": world.agency, "creators": creators})
}

pub(crate) fn add(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: NewCreator = call.read()?;
    check(1, wanted.rows.unwrap_or(0), wanted.days, wanted.twins_percent)?;
    let uuid = add_one(world, wanted, call.now);
    let creator = world.creator(uuid).ok_or_else(|| ControlError::missing("no such creator"))?;
    Ok(json!({
        "uuid": uuid,
        "name": creator.profile.name,
        "handle": creator.profile.handle,
        "rows": creator.books.visible(None, None, call.now).count(),
    }))
}

pub(crate) fn bulk(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: Bulk = call.read()?;
    check(wanted.creators, wanted.rows, wanted.days, wanted.twins_percent)?;
    let mut uuids = Vec::new();
    for number in 0..wanted.creators {
        let before = wanted.rows * number / wanted.creators;
        let rows = wanted.rows * (number + 1) / wanted.creators - before;
        let one = NewCreator {
            name: None,
            rows: Some(rows),
            days: wanted.days,
            twins_percent: wanted.twins_percent,
        };
        uuids.push(add_one(world, one, call.now));
    }
    Ok(json!({"creators": uuids, "rows": wanted.rows}))
}

fn check(
    creators: u64,
    rows: u64,
    days: Option<u32>,
    twins_percent: Option<u64>,
) -> Result<(), ControlError> {
    if !(1..=CREATORS_MAX).contains(&creators) {
        return Err(ControlError::bad(format!("creators is 1 to {CREATORS_MAX}")));
    }
    if rows > ROWS_MAX {
        return Err(ControlError::bad(format!("rows is at most {ROWS_MAX}")));
    }
    if days.is_some_and(|days| days > DAYS_MAX) {
        return Err(ControlError::bad(format!("days is at most {DAYS_MAX}")));
    }
    if twins_percent.is_some_and(|percent| percent > 90) {
        return Err(ControlError::bad("twinsPercent is at most 90"));
    }
    Ok(())
}

fn add_one(world: &mut World, wanted: NewCreator, now: Millis) -> Uuid {
    let last = world.creators.last().map_or(0, |creator| creator.profile.number);
    let mut profile = Profile::added(world.seed, last + 1, wanted.name, now);
    profile.weight = 0;
    let start = now - i64::from(wanted.days.unwrap_or(365).max(1)) * DAY;
    let rows = wanted.rows.unwrap_or(0);
    if rows > 0 {
        profile.registered_at = start;
    }
    let mut books = Books::default();
    books.extend(history::exact_rows(
        world.seed,
        &profile,
        rows as usize,
        (start, now),
        wanted.twins_percent.unwrap_or(0),
    ));
    let uuid = profile.uuid;
    world.add(profile, books);
    uuid
}
