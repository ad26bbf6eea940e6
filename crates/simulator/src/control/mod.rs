//! `/sim`: the hand of a test or a person in the world. Make sales, break things, read the truth.
//!
//! No authentication and no rate limit. Unknown fields and parameters are refused by name.

pub(crate) mod accounts;
pub(crate) mod amending;
pub(crate) mod audience;
pub(crate) mod events;
pub(crate) mod index;
pub(crate) mod population;
pub(crate) mod rows;
pub(crate) mod sales;
pub(crate) mod truth;

use std::fmt;

use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    faults::{Fault, NewFault},
    params::Params,
    row::Millis,
    world::World,
};

/// The furthest one call may move time: five years.
const ADVANCE_SECONDS_MAX: u64 = 5 * 366 * 86_400;

/// Why a control call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError {
    /// The HTTP status it answers.
    pub status: StatusCode,
    /// What was wrong with it.
    pub message: String,
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.status.as_u16())
    }
}

impl std::error::Error for ControlError {}

impl ControlError {
    pub(crate) fn bad(message: impl Into<String>) -> ControlError {
        ControlError { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    pub(crate) fn missing(message: impl Into<String>) -> ControlError {
        ControlError { status: StatusCode::NOT_FOUND, message: message.into() }
    }
}

/// One control call. `now` is the world's time.
pub(crate) struct Control<'a> {
    pub(crate) method: &'a Method,
    /// The path after `/sim`, without slashes at the ends.
    pub(crate) path: &'a str,
    pub(crate) params: &'a Params,
    pub(crate) body: &'a [u8],
    pub(crate) now: Millis,
}

impl Control<'_> {
    /// The body as JSON of some shape; an empty body is `{}`.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        let body = if self.body.is_empty() { b"{}" } else { self.body };
        serde_json::from_slice(body).map_err(|error| ControlError::bad(error.to_string()))
    }

    /// Whether a successful call changes what a restart must bring back.
    pub(crate) fn is_kept(&self) -> bool {
        let passing = matches!(self.path, "faults" | "requests/reset" | "webhooks/enable");
        self.method == Method::POST && !passing
    }

    fn allow(&self, names: &[&str]) -> Result<(), ControlError> {
        match self.params.stranger(names) {
            Some(name) => Err(ControlError::bad(format!("unknown parameter `{name}`"))),
            None => Ok(()),
        }
    }
}

/// Does what a control call says.
pub(crate) fn handle(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let get = call.method == Method::GET;
    match call.path {
        "truth" if get => call.allow(&["by", "timezone", "reversals"])?,
        "rows" if get => call.allow(&["creator"])?,
        "audience" if get => call.allow(&["creator", "timezone"])?,
        _ => call.allow(&[])?,
    }
    match (call.method.as_str(), call.path) {
        ("GET", "") => Ok(index::index()),
        ("GET", "truth") => truth::truth(world, call),
        ("GET", "rows") => truth::rows(world, call),
        ("GET", "audience") => audience::truth(world, call),
        ("POST", "audience") => audience::change(world, call),
        ("GET", "creators") => Ok(population::list(world, call.now)),
        ("POST", "creators") => population::add(world, call),
        ("POST", "bulk") => population::bulk(world, call),
        ("POST", "sales") => sales::sell(world, call),
        ("POST", "refunds") => sales::refund(world, call),
        ("POST", "amend") => amending::amend(world, call),
        ("POST", "raw-rows") => sales::raw_row(world, call),
        ("GET", "time") => Ok(time(world, call.now)),
        ("POST", "time") => advance(world, call),
        ("GET", "settings") => Ok(json!(world.settings)),
        ("POST", "settings") => turn(world, &call.read()?),
        ("POST", "faults") => {
            let wanted: NewFault = call.read()?;
            match wanted.fault {
                Fault::Status(status) | Fault::Page(status) if !(400..600).contains(&status) => {
                    Err(ControlError::bad("status is 400 to 599"))
                }
                _ => Ok(json!({"id": world.faults.add(wanted)})),
            }
        }
        ("GET", "faults") => Ok(json!({"faults": world.faults.list()})),
        ("DELETE", "faults") => Ok(json!({"cleared": world.faults.clear()})),
        ("GET", "requests") => Ok(json!(world.log)),
        ("POST", "requests/reset") => Ok(json!(std::mem::take(&mut world.log))),
        ("POST", "grants") => accounts::grant(world, call),
        ("POST", "revoke") => accounts::revoke(world, call),
        ("GET", "oauth") => Ok(accounts::oauth(world)),
        ("POST", "events") => events::send(world, call),
        ("GET", "webhooks") => Ok(json!(world.webhooks.report(&world.settings.webhooks))),
        ("POST", "webhooks/enable") => {
            world.webhooks.enable();
            Ok(json!(world.webhooks.report(&world.settings.webhooks)))
        }
        (method, path) => Err(ControlError::missing(format!("no {method} /sim/{path}"))),
    }
}

fn turn(world: &mut World, change: &Value) -> Result<Value, ControlError> {
    world.settings = world.settings.updated(change).map_err(ControlError::bad)?;
    if change.get("webhooks").is_some() {
        world.webhooks.settings_changed(&world.settings.webhooks);
    }
    Ok(json!(world.settings))
}

fn time(world: &World, now: Millis) -> Value {
    json!({
        "now": crate::params::format_instant(now),
        "origin": crate::params::format_instant(world.origin),
        "offsetSeconds": world.offset / 1000,
    })
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

fn advance(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let Advance { advance_seconds } = call.read()?;
    if advance_seconds > ADVANCE_SECONDS_MAX {
        return Err(ControlError::bad(format!("advanceSeconds is at most {ADVANCE_SECONDS_MAX}")));
    }
    let step = advance_seconds as i64 * 1000;
    world.offset += step;
    world.catch_up(call.now + step);
    Ok(time(world, call.now + step))
}
