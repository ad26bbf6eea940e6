//! `/sim/grants`, `/sim/revoke` and `/sim/oauth`: consents without a browser, and taking them back.
//!
//! The tokens are the same as those of the real flow and live by the same rules.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Control, ControlError};
use crate::{
    oauth::{authorize, token},
    world::World,
};

/// A consent to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewGrant {
    /// `agency`, or a creator's UUID.
    pub account: String,
    /// The scopes; all that the app has enabled if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// A consent that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Bearer token for the API.
    pub access_token: String,
    /// Token for the next pair; `null` without an offline scope.
    pub refresh_token: Option<String>,
    /// Seconds the access token lives.
    pub expires_in: u32,
    /// What was granted, separated by spaces.
    pub scope: String,
    /// Who consented.
    pub user: GrantUser,
}

/// Who consented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantUser {
    /// The account.
    pub uuid: Uuid,
    /// Its handle.
    pub handle: String,
    /// Its display name.
    pub display_name: String,
    /// Whether it earns anything itself.
    pub is_creator: bool,
}

pub(crate) fn grant(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: NewGrant = call.read()?;
    let account = account(world, &wanted.account)?;
    let enabled = &world.settings.scopes;
    let scopes = wanted.scopes.unwrap_or_else(|| enabled.clone());
    if let Some(scope) = scopes.iter().find(|scope| !enabled.contains(scope)) {
        return Err(ControlError::bad(format!("scope `{scope}` is not enabled")));
    }
    let pair = world.oauth.grant(account, scopes, world.seed, &world.settings, call.now);
    world.oauth.counts.grants += 1;
    let creator = world.creator(account).map(|creator| &creator.profile);
    let body = token::token_response(&pair, &world.settings);
    Ok(json!(Grant {
        access_token: pair.access,
        refresh_token: pair.refresh,
        expires_in: body["expires_in"].as_u64().unwrap_or_default() as u32,
        scope: pair.scope,
        user: GrantUser {
            uuid: account,
            handle: creator.map_or("northlight", |profile| &profile.handle).to_owned(),
            display_name: creator.map_or("Northlight Agency", |profile| &profile.name).to_owned(),
            is_creator: creator.is_some(),
        },
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    account: String,
}

pub(crate) fn revoke(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let Revoke { account: who } = call.read()?;
    let account = account(world, &who)?;
    Ok(json!({"revoked": world.oauth.revoke(account)}))
}

pub(crate) fn oauth(world: &World) -> Value {
    let mut accounts = Map::new();
    for (account, (living, refreshes)) in world.oauth.accounts() {
        let value = json!({"livingGrants": living, "refreshes": refreshes});
        accounts.insert(account.to_string(), value);
    }
    let mut value = json!(world.oauth.counts);
    value["accounts"] = accounts.into();
    value
}

fn account(world: &World, who: &str) -> Result<Uuid, ControlError> {
    authorize::account(world, who).ok_or_else(|| ControlError::missing("no such account"))
}
