//! `POST /sim/events`: webhooks that no row is behind.
//!
//! Known topics have a sensible `data` of their own, and what the caller gives is put over it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Control, ControlError};
use crate::{
    names,
    webhooks::{Event, samples, without_nulls},
    world::World,
};

/// The longest topic and id.
const WORD_BYTES_MAX: usize = 200;

/// An event to send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEvent {
    /// Its topic, known or not.
    #[serde(rename = "type")]
    pub topic: String,
    /// Whom it is about, even a stranger; the account the agency connects if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<Uuid>,
    /// Who did it: a UUID or any word for a stable person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fan: Option<String>,
    /// Its id; a new one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its `data`, or the whole body in the flat family. The fields of an object are put over what
    /// the topic usually has; anything else is sent as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

pub(crate) fn send(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: NewEvent = call.read()?;
    check_word("type", &wanted.topic)?;
    wanted.id.as_deref().map_or(Ok(()), |id| check_word("id", id))?;
    let mut dice = world.dice("events by hand");
    let (key, drawn) = (dice.roll(), dice.uuid().to_string());
    let id = wanted.id.unwrap_or(drawn);
    let fan = names::named_fan(world.seed, wanted.fan.as_deref().unwrap_or("somebody"));
    let creator = wanted.creator.unwrap_or(world.agency);
    let usual = samples::data(&wanted.topic, creator, &fan, &mut dice, call.now);
    let usual = if world.settings.webhooks.omit_nulls { without_nulls(usual) } else { usual };
    let data = match (usual, wanted.data) {
        (Value::Object(mut usual), Some(Value::Object(given))) => {
            usual.extend(given);
            usual.into()
        }
        (usual, given) => given.unwrap_or(usual),
    };
    let event = Event::new(key, id.clone(), &wanted.topic, call.now, data);
    let endpoints = world.webhooks.add(event, &world.settings.webhooks, world.seed);
    Ok(json!({"id": id, "endpoints": endpoints}))
}

/// Topics and ids go into headers.
fn check_word(name: &str, text: &str) -> Result<(), ControlError> {
    let fits = (1..=WORD_BYTES_MAX).contains(&text.len());
    match fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(ControlError::bad(format!(
            "{name} is 1 to {WORD_BYTES_MAX} visible ASCII characters"
        ))),
    }
}
