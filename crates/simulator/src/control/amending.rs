//! `POST /sim/amend`: rows that exist change, or are gone for a while.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Control, ControlError,
    sales::{check_cents, described, order, unknown_creator},
};
use crate::{
    row::{AVAILABLE_BY_HAND, Millis, PENDING_BY_HAND, Row},
    world::World,
};

/// A change of a row that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Amendment {
    /// Which row.
    pub order_id: String,
    /// Its status from now on, whatever its age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its gross from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_cents: Option<i64>,
    /// Its net from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_cents: Option<i64>,
    /// How long it doesn't show, from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_seconds: Option<u32>,
}

pub(crate) fn amend(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let change: Amendment = call.read()?;
    let (creator, row) = order(world, &change.order_id, None)?;
    let flags = match change.status.as_deref() {
        None => row.flags,
        Some("pendingBalance") => PENDING_BY_HAND,
        Some("availableForPayout") => AVAILABLE_BY_HAND,
        Some(_) => return Err(ControlError::bad("unknown status")),
    };
    let (gross, net) =
        (change.gross_cents.unwrap_or(row.gross), change.net_cents.unwrap_or(row.net));
    check_cents(gross)?;
    check_cents(net)?;
    let hidden = change.hidden_seconds.map(|seconds| call.now + Millis::from(seconds) * 1000);
    let visible_at = hidden.unwrap_or(row.visible_at);
    let changed = Row { flags, gross, net, visible_at, ..row };
    let books = &mut world.creator_mut(creator).ok_or_else(unknown_creator)?.books;
    if let Some(stored) = books.find_mut(row.id) {
        *stored = changed;
    }
    described(world, creator, &[changed], call.now)
}
