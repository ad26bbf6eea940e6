//! The variables of the deployment: every one that is wrong, not the first alone.

use std::{cell::RefCell, collections::BTreeSet};

use app::{Config, ConfigError, TEST_VARIABLES};

use crate::Failure;

/// Stands for a database that is not configured, so that the other variables are looked at.
const NO_DATABASE: &str = "postgres://127.0.0.1:1/none";
/// More than there are variables.
const PROBLEMS_MAX: usize = 64;
/// Two variables that are set together or not at all.
const PAIRS: [[&str; 2]; 2] =
    [["FANVUE_CLIENT_ID", "FANVUE_CLIENT_SECRET"], ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"]];
/// How the names begin of which nobody else's are known.
const OUR_PREFIXES: [&str; 2] = ["HEARTBEAT_", "FANVUE_"];

/// What the environment says.
pub struct Environment {
    /// What could be understood; what could not counts as unset.
    pub config: Config,
    /// `DATABASE_URL` is set and can be understood.
    pub has_database: bool,
    /// Every variable that is wrong.
    pub problems: Vec<ConfigError>,
    /// Names that begin as ours do and that nobody reads.
    pub unknown: Vec<String>,
}

impl Environment {
    /// Reads the variables through `lookup`; `names` are all that are set.
    ///
    /// # Errors
    /// When not even the defaults make a configuration.
    pub fn read(
        lookup: &dyn Fn(&str) -> Option<String>,
        names: impl Iterator<Item = String>,
    ) -> Result<Self, Failure> {
        let mut problems: Vec<ConfigError> = vec![];
        let asked = RefCell::new(BTreeSet::new());
        // Each turn takes one more variable away.
        for _ in 0..PROBLEMS_MAX {
            let wrong: Vec<&str> =
                problems.iter().flat_map(|one| with_pair(&one.variable)).collect();
            let read = Config::from_lookup(|name| {
                asked.borrow_mut().insert(name.to_owned());
                match name {
                    _ if !wrong.contains(&name) => lookup(name),
                    "DATABASE_URL" => Some(NO_DATABASE.to_owned()),
                    _ => None,
                }
            });
            match read {
                Ok(config) => {
                    let has_database = !wrong.contains(&"DATABASE_URL");
                    let unknown = unknown(names, &asked.into_inner());
                    return Ok(Self { config, has_database, problems, unknown });
                }
                Err(problem) => problems.push(problem),
            }
        }
        Err(Failure::new("the configuration can't be understood at all"))
    }

    /// What is wrong with one of those variables.
    pub(super) fn problem(&self, variables: &[&str]) -> Option<String> {
        let is_meant = |one: &&ConfigError| variables.contains(&one.variable.as_str());
        self.problems.iter().find(is_meant).map(ToString::to_string)
    }
}

fn with_pair(variable: &str) -> Vec<&str> {
    let pair = PAIRS.iter().find(|pair| pair.contains(&variable));
    pair.map_or_else(|| vec![variable], |pair| pair.to_vec())
}

fn unknown(names: impl Iterator<Item = String>, known: &BTreeSet<String>) -> Vec<String> {
    let is_ours = |name: &String| OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let is_known = |name: &String| known.contains(name) || TEST_VARIABLES.contains(&name.as_str());
    let shown = |name: String| name.chars().take(64).collect();
    names.filter(|name| is_ours(name) && !is_known(name)).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Environment {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let names = variables.iter().map(|(name, _)| (*name).to_owned());
        Environment::read(&lookup, names).unwrap()
    }

    #[test]
    fn every_variable_that_is_wrong_is_named_and_none_of_their_values() {
        let read = read(&[
            ("FANVUE_API_URL", "hunter2"),
            ("TOKEN_KEYS", "hunter2"),
            ("TELEGRAM_CHAT_ID", "7"),
            ("FANVUE_CLIENT_ID", "hunter2"),
            ("SUPABASE_JWT_SECRET", "hunter2"),
            ("DATABASE_STATEMENTS", "hunter2"),
            ("HEARTBEAT_SEED", "1"),
            ("HEARTBEAT_SED", "1"),
            ("FANVUE_WEBHOOK_SECRET", "hunter2"),
        ]);
        let named: BTreeSet<_> = read.problems.iter().map(|one| one.variable.as_str()).collect();
        let wrong = [
            "DATABASE_URL",
            "DATABASE_STATEMENTS",
            "FANVUE_API_URL",
            "FANVUE_CLIENT_SECRET",
            "SUPABASE_JWT_SECRET",
            "TELEGRAM_BOT_TOKEN",
            "TOKEN_KEYS",
        ];
        assert_eq!(named, wrong.into());
        assert!(!read.has_database);
        assert_eq!(read.unknown, ["HEARTBEAT_SED", "FANVUE_WEBHOOK_SECRET"]);
        assert!(read.problems.iter().all(|one| !one.to_string().contains("hunter2")));
    }

    #[test]
    fn a_sound_environment_has_no_problem() {
        let read = read(&[("DATABASE_URL", "postgres://127.0.0.1/x"), ("PATH", "/bin")]);
        assert!(read.has_database && read.problems.is_empty() && read.unknown.is_empty());
    }
}
