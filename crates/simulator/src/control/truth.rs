//! `GET /sim/truth` and `/sim/rows`: what every creator has really earned, as far as it shows now.
//!
//! Sales and reversals with their sign, as the v1 feed lists them, whatever generation is switched on.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Control, ControlError};
use crate::{
    row::{Millis, RAW, Row},
    world::{Creator, World},
};

use super::rows::{TrueRow, describe};

/// What everybody has earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// Each creator, the agency's own account first if it is one.
    pub creators: Vec<CreatorTruth>,
    /// US cents before fees, all creators.
    pub gross_cents: i64,
    /// US cents after fees, all creators.
    pub net_cents: i64,
}

/// What one creator has earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatorTruth {
    /// Who.
    pub uuid: Uuid,
    /// Display name.
    pub name: String,
    /// Handle.
    pub handle: String,
    /// How many rows.
    pub rows: u64,
    /// US cents before fees.
    pub gross_cents: i64,
    /// US cents after fees.
    pub net_cents: i64,
    /// The days with rows, oldest first, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<DayTruth>>,
}

/// What one creator has earned on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DayTruth {
    /// The day in the zone asked for.
    pub date: Date,
    /// How many rows.
    pub rows: u64,
    /// US cents before fees.
    pub gross_cents: i64,
    /// US cents after fees.
    pub net_cents: i64,
}

pub(crate) fn truth(world: &World, call: &Control<'_>) -> Result<Value, ControlError> {
    let name = call.params.get("timezone").unwrap_or("UTC");
    let zone = TimeZone::get(name)
        .map_err(|_| ControlError::bad(format!("timezone `{name}` is not known")))?;
    let by_day = match call.params.get("by") {
        None => false,
        Some("day") => true,
        Some(_) => return Err(ControlError::bad("by must be `day`")),
    };
    let reversals = match call.params.get("reversals") {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(ControlError::bad("reversals must be `true` or `false`")),
    };
    Ok(json!(sum(world, call.now, by_day.then_some(zone), reversals)))
}

/// Sums what shows at an instant, by day of a zone if one is given.
pub(crate) fn sum(world: &World, now: Millis, zone: Option<TimeZone>, reversals: bool) -> Truth {
    let creators: Vec<CreatorTruth> = world
        .creators
        .iter()
        .map(|creator| creator_truth(creator, now, zone.as_ref(), reversals))
        .collect();
    Truth {
        gross_cents: creators.iter().map(|creator| creator.gross_cents).sum(),
        net_cents: creators.iter().map(|creator| creator.net_cents).sum(),
        creators,
    }
}

fn creator_truth(
    creator: &Creator,
    now: Millis,
    zone: Option<&TimeZone>,
    reversals: bool,
) -> CreatorTruth {
    let mut truth = CreatorTruth {
        uuid: creator.profile.uuid,
        name: creator.profile.name.clone(),
        handle: creator.profile.handle.clone(),
        rows: 0,
        gross_cents: 0,
        net_cents: 0,
        days: None,
    };
    let mut days: BTreeMap<Date, DayTruth> = BTreeMap::new();
    let shown = creator.books.visible(None, None, now);
    for row in shown.filter(|row| reversals || !row.source.is_reversal()) {
        let Some((gross, net)) = amounts(creator, row) else { continue };
        truth.rows += 1;
        truth.gross_cents += gross;
        truth.net_cents += net;
        if let Some(zone) = zone {
            let at = Timestamp::from_millisecond(row.at).unwrap_or(Timestamp::UNIX_EPOCH);
            let date = zone.to_datetime(at).date();
            let empty = DayTruth { date, rows: 0, gross_cents: 0, net_cents: 0 };
            let day = days.entry(date).or_insert(empty);
            day.rows += 1;
            day.gross_cents += gross;
            day.net_cents += net;
        }
    }
    truth.days = zone.map(|_| days.into_values().collect());
    truth
}

/// What a row counts for; an injected one only for what it says it does.
fn amounts(creator: &Creator, row: &Row) -> Option<(i64, i64)> {
    match row.flags & RAW {
        0 => Some((row.gross, row.net)),
        _ => creator.books.raw(row.id)?.counts,
    }
}

pub(crate) fn rows(world: &World, call: &Control<'_>) -> Result<Value, ControlError> {
    let creator = call.params.get("creator").and_then(|text| text.parse().ok());
    let creator = creator
        .and_then(|uuid| world.creator(uuid))
        .ok_or_else(|| ControlError::missing("no such creator"))?;
    let shown = creator.books.visible(None, None, call.now);
    let rows: Vec<TrueRow> = shown.map(|row| describe(world, creator, row, call.now)).collect();
    Ok(json!({"rows": rows}))
}
