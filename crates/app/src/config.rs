//! Configuration: read once from named variables, never from anywhere else.

mod telegram;
mod traces;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use self::{telegram::Telegram, traces::Traces};
use crate::seal::TokenKeys;

/// How the names begin that are nobody's but ours.
const OUR_PREFIX: &str = "HEARTBEAT_";

/// Those that tests read; the service itself reads none of that name.
pub const TEST_VARIABLES: [&str; 13] = [
    "HEARTBEAT_BACKFILLS",
    "HEARTBEAT_BOOTSTRAPS",
    "HEARTBEAT_CONFUSIONS",
    "HEARTBEAT_CRASHES",
    "HEARTBEAT_DAYS",
    "HEARTBEAT_EXPIRIES",
    "HEARTBEAT_FAIL_FAST",
    "HEARTBEAT_FIRST_SEED",
    "HEARTBEAT_MONTHS",
    "HEARTBEAT_ROWS",
    "HEARTBEAT_SEED",
    "HEARTBEAT_SEEDS",
    "HEARTBEAT_TOKENS",
];

/// How much of an unknown name is repeated, in characters.
const NAME_SHOWN_MAX: usize = 64;

/// What an instance was told. Each field names its variable.
#[derive(Debug)]
pub struct Config {
    /// `DATABASE_URL`: Postgres 15 or newer, directly or through a transaction pooler. Required.
    pub database_url: SecretString,
    /// `DATABASE_DIRECT_URL`: the same database without a pooler between, where `DATABASE_URL` leads
    /// through one. Whoever is told of changes needs it.
    pub database_direct_url: Option<SecretString>,
    /// `DATABASE_CA`: the certificate of an authority that may sign the database's, beside the public ones,
    /// as PEM or as the path of a PEM file. It may hold several.
    pub database_ca: store::Authorities,
    /// `DATABASE_STATEMENTS`: `prepared` keeps statements in their connections, which needs a
    /// `DATABASE_URL` without a transaction pooler; `typed`, the default, works everywhere.
    pub database_statements: store::Statements,
    /// `FANVUE_API_URL`, `https://api.fanvue.com` by default.
    pub fanvue_api_url: Url,
    /// `FANVUE_AUTH_URL`, `https://auth.fanvue.com` by default.
    pub fanvue_auth_url: Url,
    /// `FANVUE_CLIENT_ID` and `FANVUE_CLIENT_SECRET`: without them no token can be refreshed.
    pub fanvue_app: Option<fanvue::AppCredentials>,
    /// `FANVUE_SCOPES`: what a person is asked to allow, separated by spaces, where the app at Fanvue
    /// allows less than [`crate::scopes`] names.
    pub fanvue_scopes: Option<Vec<String>>,
    /// `PUBLIC_URL`: where browsers reach this installation; on Vercel its production domain by
    /// default (`VERCEL_PROJECT_PRODUCTION_URL`). Without it no account can be connected.
    pub public_url: Option<Url>,
    /// `FANVUE_WEBHOOK_SECRETS`: the live signing secrets, separated by commas.
    pub webhook_secrets: Vec<SecretString>,
    /// `CRON_SECRET`: what machine callers and operators show. Without it they are refused.
    pub cron_secret: Option<SecretString>,
    /// `TOKEN_KEYS`: `id:base64 of 32 bytes`, several separated by commas; the first one seals.
    pub token_keys: TokenKeys,
    /// How users' tokens are verified.
    pub users: Users,
    /// Where alerts are sent. Without it they are noted and sent to nobody.
    pub telegram: Option<Telegram>,
    /// Where spans are sent. Without it nothing is traced. It is read again before logging begins, by
    /// [`Config::traces_from_env`]; here it is known to be right.
    pub traces: Option<Traces>,
}

/// How users' tokens are verified. Without a secret and a URL no user is let in.
#[derive(Debug, Default)]
pub struct Users {
    /// `SUPABASE_JWT_SECRET`: what tokens are signed with (HS256).
    pub jwt_secret: Option<SecretString>,
    /// `SUPABASE_JWKS_URL`: where the public keys of tokens are (ES256, RS256).
    pub jwks_url: Option<Url>,
    /// `SUPABASE_JWT_ISSUER`: who issues tokens; by default what `SUPABASE_JWKS_URL` belongs to. Without
    /// both it is not asked.
    pub jwt_issuer: Option<String>,
}

/// A variable that is missing or can't be understood. Never repeats its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: String,
    /// What is wrong, and the remedy.
    pub problem: String,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or malformed, or that begins as ours do and is none.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, ConfigError> {
        check_names(std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()))?;
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// What the process's environment says of traces alone: they are begun before anything else.
    ///
    /// # Errors
    /// The variable that is malformed.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn traces_from_env() -> Result<Option<Traces>, ConfigError> {
        Traces::read(|name| given(std::env::var(name).ok()))
    }

    /// Reads the variables through `lookup`. An empty value counts as unset.
    ///
    /// # Errors
    /// The first variable that is missing or malformed.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &'static str| given(lookup(name));
        let secret = |name| get(name).map(SecretString::from);
        let database_url = secret("DATABASE_URL").ok_or_else(|| {
            problem("DATABASE_URL", "is not set; give it a postgres:// URL of your database")
        })?;
        let fanvue_app = match (get("FANVUE_CLIENT_ID"), secret("FANVUE_CLIENT_SECRET")) {
            (Some(client_id), Some(client_secret)) => {
                Some(fanvue::AppCredentials { client_id, client_secret })
            }
            (None, None) => None,
            (Some(_), None) => {
                return Err(problem("FANVUE_CLIENT_SECRET", "is not set, FANVUE_CLIENT_ID is"));
            }
            (None, Some(_)) => {
                return Err(problem("FANVUE_CLIENT_ID", "is not set, FANVUE_CLIENT_SECRET is"));
            }
        };
        let webhook_secrets = get("FANVUE_WEBHOOK_SECRETS").unwrap_or_default();
        let webhook_secrets = webhook_secrets.split(',').map(str::trim).filter(|s| !s.is_empty());
        let token_keys = TokenKeys::parse(&get("TOKEN_KEYS").unwrap_or_default())
            .map_err(|text| problem("TOKEN_KEYS", &text))?;
        let vercel = || get("VERCEL_PROJECT_PRODUCTION_URL").map(|host| format!("https://{host}"));
        let public_url = match get("PUBLIC_URL").or_else(vercel) {
            None => None,
            given => Some(url("PUBLIC_URL", given, "")?),
        };
        let kept = get("DATABASE_STATEMENTS");
        Ok(Self {
            database_statements: statements(kept.as_deref(), &database_url)?,
            database_url,
            database_direct_url: secret("DATABASE_DIRECT_URL"),
            database_ca: get("DATABASE_CA")
                .as_deref()
                .map(authorities)
                .transpose()?
                .unwrap_or_default(),
            fanvue_api_url: url("FANVUE_API_URL", get("FANVUE_API_URL"), "https://api.fanvue.com")?,
            fanvue_auth_url: url(
                "FANVUE_AUTH_URL",
                get("FANVUE_AUTH_URL"),
                "https://auth.fanvue.com",
            )?,
            fanvue_app,
            fanvue_scopes: get("FANVUE_SCOPES").map(|text| scopes(&text)).transpose()?,
            public_url,
            webhook_secrets: webhook_secrets.map(SecretString::from).collect(),
            cron_secret: secret("CRON_SECRET"),
            token_keys,
            telegram: Telegram::read(get)?,
            traces: Traces::read(get)?,
            users: Users::read(get)?,
        })
    }
}

impl Config {
    /// Where changes are heard of: `DATABASE_DIRECT_URL`, else `DATABASE_URL` unless it names a
    /// transaction pooler, as `pgbouncer=true` and the usual ports of poolers do.
    pub(crate) fn listen_url(&self) -> Option<SecretString> {
        let direct = self.database_direct_url.as_ref();
        direct.or_else(|| Some(&self.database_url).filter(|url| is_direct(url))).cloned()
    }
}

/// A variable's value; an empty one is none.
fn given(value: Option<String>) -> Option<String> {
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Whether nothing in the URL says that it leads to a transaction pooler.
fn is_direct(url: &SecretString) -> bool {
    let text = url.expose_secret();
    let port = Url::parse(text).ok().and_then(|url| url.port());
    !text.contains("pgbouncer=true") && !matches!(port, Some(6432 | 6543))
}

/// The shortest secret of HS256: as long as its digest, in bytes.
const JWT_SECRET_BYTES_MIN: usize = 32;

impl Users {
    fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let jwt_secret = get("SUPABASE_JWT_SECRET");
        if jwt_secret.as_ref().is_some_and(|secret| secret.len() < JWT_SECRET_BYTES_MIN) {
            let text =
                format!("is shorter than {JWT_SECRET_BYTES_MIN} bytes, so it can be guessed");
            return Err(problem("SUPABASE_JWT_SECRET", &text));
        }
        let jwks_url = match get("SUPABASE_JWKS_URL") {
            None => None,
            given => Some(url("SUPABASE_JWKS_URL", given, "")?),
        };
        let project =
            |url: &Url| url.as_str().strip_suffix("/.well-known/jwks.json").map(str::to_owned);
        let jwt_issuer = get("SUPABASE_JWT_ISSUER").or_else(|| jwks_url.as_ref().and_then(project));
        Ok(Self { jwt_secret: jwt_secret.map(SecretString::from), jwks_url, jwt_issuer })
    }
}

fn statements(text: Option<&str>, url: &SecretString) -> Result<store::Statements, ConfigError> {
    match text {
        None | Some("typed") => Ok(store::Statements::Typed),
        Some("prepared") if is_direct(url) => Ok(store::Statements::Prepared),
        Some("prepared") => {
            let text = "is prepared, and DATABASE_URL names a transaction pooler: use typed";
            Err(problem("DATABASE_STATEMENTS", text))
        }
        Some(_) => Err(problem("DATABASE_STATEMENTS", "must be typed or prepared")),
    }
}

/// What `DATABASE_CA` names: the certificates themselves, as where a platform has no files for us, or the
/// file in which they stand.
///
/// # Errors
/// What is wrong with it, without repeating any of it.
pub fn authorities(text: &str) -> Result<store::Authorities, ConfigError> {
    let pem = if text.contains("-----BEGIN ") {
        // Some platforms keep one line only.
        text.replace("\\n", "\n")
    } else {
        std::fs::read_to_string(text).map_err(|error| {
            let text = format!("is neither PEM nor the path of a file that can be read ({error})");
            problem("DATABASE_CA", &text)
        })?
    };
    store::Authorities::beside_public(&pem).map_err(|text| problem("DATABASE_CA", text))
}

fn scopes(text: &str) -> Result<Vec<String>, ConfigError> {
    let is_scope = |scope: &&str| {
        scope.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b':') && scope.len() < 64
    };
    let scopes: Vec<_> = text.split_whitespace().collect();
    if let Some(wrong) = scopes.iter().find(|scope| !is_scope(scope)) {
        let shown: String = wrong.chars().take(40).collect();
        return Err(problem("FANVUE_SCOPES", &format!("names '{shown}', which is no scope")));
    }
    Ok(scopes.into_iter().map(str::to_owned).collect())
}

/// Whoever sets a variable of ours that nobody reads believes that it does something.
fn check_names(mut names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let is_unknown =
        |name: &String| name.starts_with(OUR_PREFIX) && !TEST_VARIABLES.contains(&name.as_str());
    match names.find(is_unknown) {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().take(NAME_SHOWN_MAX).collect();
            Err(problem(&shown, "is not known; take it away, or mend its name"))
        }
    }
}

fn problem(variable: &str, text: &str) -> ConfigError {
    ConfigError { variable: variable.to_owned(), problem: text.to_owned() }
}

/// An `https` URL, or plain `http` on this machine.
fn url(variable: &'static str, given: Option<String>, default: &str) -> Result<Url, ConfigError> {
    let text = given.unwrap_or_else(|| default.to_owned());
    let url = Url::parse(&text).map_err(|_| problem(variable, "is no URL"))?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if local => Ok(url),
        _ => Err(problem(variable, "must be an https URL (http only for this machine)")),
    }
}

#[cfg(test)]
mod tests;
