//! The switches of the world: how the platform behaves, as `GET` and `POST /sim/settings` show it.
//!
//! A setting changes answers, never the rows themselves; one-off misbehaviour is a fault instead
//! (`faults.rs`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::webhooks::settings::WebhookSettings;

/// How the platform behaves. In JSON the names are in camel case; an update may be partial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// The only OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Exact redirect addresses; empty accepts any http(s) address.
    pub redirect_uris: Vec<String>,
    /// Scopes the app has enabled: others can't be asked for.
    pub scopes: Vec<String>,
    /// Scopes every token lacks at the moment, whatever it was issued with.
    pub withheld_scopes: Vec<String>,
    /// Creators whom the agency manages no more: not listed, and not found with its tokens.
    pub former_creators: Vec<uuid::Uuid>,
    /// Who consents at `/oauth2/auth`: `agency` or a creator's UUID.
    pub consent_as: String,
    /// Accept the client's secret in the form body as well as by Basic.
    pub body_credentials: bool,
    /// How long a used refresh token may be used again; 0 is strict.
    pub grace_seconds: u32,
    /// Life of an access token.
    pub token_seconds: u32,
    /// Life of a refresh token; `null` is for ever.
    pub refresh_token_seconds: Option<u32>,
    /// Life of an authorization code.
    pub code_seconds: u32,
    /// Refuse calls without a known `X-Fanvue-API-Version`.
    pub strict_version: bool,
    /// The known version was switched off: 410.
    pub sunset: bool,
    /// Requests a bucket holds.
    pub rate_limit: u32,
    /// After how long a bucket is full again.
    pub rate_window_seconds: u32,
    /// Send `Retry-After` with 429.
    pub retry_after: bool,
    /// One bucket for each creator under `/creators/{uuid}/`; otherwise one for the caller.
    pub bucket_per_creator: bool,
    /// Which generation of rows the routes answer.
    pub rows: Rows,
    /// Whether paths under `/v1` exist.
    pub v1: bool,
    /// How much later than in totals a row shows in the feeds.
    pub rows_lag_seconds: u32,
    /// In which order rows come.
    pub order: Order,
    /// What a cursor remembers.
    pub cursor_style: CursorStyle,
    /// How long a cursor is good for; `null` is for ever.
    pub cursor_ttl_seconds: Option<u32>,
    /// Send the absent one of `messageUuid` and `postUuid` as `null`.
    pub explicit_nulls: bool,
    /// Send amounts as `1000.0`.
    pub float_amounts: bool,
    /// Leave the order id out of referral, affiliate and giveaway rows.
    pub idless_rewards: bool,
    /// Leave the order id out of refund and chargeback rows.
    pub idless_reversals: bool,
    /// A new reversal's net is minus the sale's gross instead of minus its net.
    pub reversal_net_is_gross: bool,
    /// A row of `/insights/spending` has its gross as its net.
    pub spending_net_is_gross: bool,
    /// Pages of `/agencies/earnings`.
    pub agency_paging: AgencyPaging,
    /// Whether the agency's account may call `/agencies/*`.
    pub agency_admin: bool,
    /// Whether `/agencies/earnings` counts referral, affiliate and giveaway rows.
    pub agency_rewards: bool,
    /// How long a summary is answered from a cache.
    pub summary_cache_seconds: u32,
    /// Longer summaries answer 500.
    pub summary_days_max: u32,
    /// Every answer is this late.
    pub latency_ms: u64,
    /// Sales of the whole agency per hour of live time; 0 is none.
    pub live_sales_per_hour: u32,
    /// How webhooks are sent; an update of it may be partial too.
    pub webhooks: WebhookSettings,
}

/// Which generation of earnings rows is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rows {
    /// `g2` without a prefix, `v1` under `/v1`.
    Auto,
    /// Early 2026: no id, no message or post.
    G1,
    /// Spring 2026: message and post, no id.
    G1b,
    /// Summer 2026: order id and status.
    G2,
    /// Under `/v1`: totals and reversals too.
    V1,
}

/// In which order the earnings feed lists rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The latest sale first.
    Newest,
    /// The earliest sale first.
    Oldest,
}

/// What a cursor of the earnings feed remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CursorStyle {
    /// The last row: rows that arrive meanwhile don't move the pages.
    Keyset,
    /// A count of rows: rows that arrive meanwhile shift the pages.
    Offset,
}

/// How `/agencies/earnings` is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgencyPaging {
    /// `page` and `size`, as it answers in practice.
    Page,
    /// `cursor`, as its documentation says.
    Cursor,
}

/// The highest tempo of live sales, so that a leap of time still ends.
const LIVE_SALES_MAX: u32 = 100_000;

/// Every scope there is: three of the protocol, seventeen of the platform.
pub const SCOPES: [&str; 20] = [
    "openid",
    "offline_access",
    "offline",
    "read:self",
    "read:chat",
    "write:chat",
    "read:fan",
    "read:creator",
    "write:creator",
    "read:media",
    "write:media",
    "read:post",
    "write:post",
    "read:insights",
    "read:tracking_links",
    "write:tracking_links",
    "read:agency",
    "write:agency",
    "read:experience",
    "write:experience",
];

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            client_id: "sim-client".to_owned(),
            client_secret: "sim-secret".to_owned(),
            redirect_uris: Vec::new(),
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            withheld_scopes: Vec::new(),
            former_creators: Vec::new(),
            consent_as: "agency".to_owned(),
            body_credentials: false,
            grace_seconds: 30,
            token_seconds: 3600,
            refresh_token_seconds: None,
            code_seconds: 600,
            strict_version: true,
            sunset: false,
            rate_limit: 200,
            rate_window_seconds: 60,
            retry_after: true,
            bucket_per_creator: true,
            rows: Rows::Auto,
            v1: true,
            rows_lag_seconds: 0,
            order: Order::Newest,
            cursor_style: CursorStyle::Keyset,
            cursor_ttl_seconds: None,
            explicit_nulls: false,
            float_amounts: false,
            idless_rewards: false,
            idless_reversals: false,
            reversal_net_is_gross: false,
            spending_net_is_gross: false,
            agency_paging: AgencyPaging::Page,
            agency_admin: true,
            agency_rewards: true,
            summary_cache_seconds: 600,
            summary_days_max: 366,
            latency_ms: 0,
            live_sales_per_hour: 0,
            webhooks: WebhookSettings::default(),
        }
    }
}

impl Settings {
    /// These settings with the given ones put over them; names that don't exist are an error.
    pub(crate) fn updated(&self, change: &Value) -> Result<Settings, String> {
        let Value::Object(change) = change else {
            return Err("settings are a JSON object".to_owned());
        };
        let mut merged = serde_json::to_value(self).map_err(|error| error.to_string())?;
        for (name, value) in change {
            match (&mut merged[name], value) {
                (Value::Object(part), Value::Object(change)) => part.extend(change.clone()),
                (whole, value) => *whole = value.clone(),
            }
        }
        let settings: Settings =
            serde_json::from_value(merged).map_err(|error| error.to_string())?;
        if settings.rate_window_seconds == 0 {
            return Err("rateWindowSeconds is at least 1".to_owned());
        }
        if settings.live_sales_per_hour > LIVE_SALES_MAX {
            return Err(format!("liveSalesPerHour is at most {LIVE_SALES_MAX}"));
        }
        settings.webhooks.check().map_err(|error| format!("webhooks: {error}"))?;
        Ok(settings)
    }
}
