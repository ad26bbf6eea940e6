//! What a check is: a value with a name, what its fault means, what to do, and how it is decided.

use serde::Serialize;

use super::Facts;

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Variables, and the list of schedules.
    Configuration,
    /// The way to the database, and its server.
    Database,
    /// Tables, and who may what with them.
    Schema,
    /// Connected accounts, their creators, and users.
    Accounts,
    /// What is read, and what waits for somebody.
    Work,
    /// Fanvue, and whoever else is asked over the network.
    Network,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is wrong.
    Well,
    /// It works, and not as it should.
    Warning(String),
    /// Something does not work, or may lose or show money.
    Fault(String),
    /// Nobody could look, and why.
    Unseen(String),
    /// Nobody was to look.
    LeftOut,
}

/// One check.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name, for ever.
    pub name: &'static str,
    /// What it looks at.
    pub group: Group,
    /// What it means if something is found, for the money where it does.
    pub means: &'static str,
    /// What to do, in a line.
    pub remedy: &'static str,
    /// Decides from the facts alone.
    pub decide: fn(&Facts) -> Outcome,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: &'static str,
    /// What it looks at.
    pub group: Group,
    /// `ok`, `warn`, `fault`, `unseen` or `left out`.
    pub level: &'static str,
    /// What was found, or why nobody could look.
    pub found: Option<String>,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl Check {
    /// Decides, and puts beside it what a reader needs.
    #[must_use]
    pub fn finding(&self, facts: &Facts) -> Finding {
        let (level, found) = match (self.decide)(facts) {
            Outcome::Well => ("ok", None),
            Outcome::Warning(found) => ("warn", Some(found)),
            Outcome::Fault(found) => ("fault", Some(found)),
            Outcome::Unseen(why) => ("unseen", Some(why)),
            Outcome::LeftOut => ("left out", None),
        };
        let Check { name: check, group, means, remedy, .. } = *self;
        Finding { check, group, level, found, means, remedy }
    }
}

/// Names shown of a list.
const NAMED_MAX: usize = 5;

/// A list for a line: the first few, and how many others there are.
pub(super) fn named<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<_> = names.iter().take(NAMED_MAX).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A fault if `is_wrong`.
pub(super) fn fault_if(is_wrong: bool, found: impl FnOnce() -> String) -> Outcome {
    if is_wrong { Outcome::Fault(found()) } else { Outcome::Well }
}

/// A warning if `is_odd`.
pub(super) fn warning_if(is_odd: bool, found: impl FnOnce() -> String) -> Outcome {
    if is_odd { Outcome::Warning(found()) } else { Outcome::Well }
}

/// A fault that names all of those, if there are any.
pub(super) fn fault_of<T: AsRef<str>>(names: &[T]) -> Outcome {
    fault_if(!names.is_empty(), || named(names))
}

/// Decides from what was told; from nothing, nothing.
pub(super) fn from<T>(told: &Result<T, String>, decide: impl FnOnce(&T) -> Outcome) -> Outcome {
    match told {
        Ok(told) => decide(told),
        Err(why) => Outcome::Unseen(why.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_counted() {
        assert_eq!(named(&["a", "b"]), "a, b");
        assert_eq!(named(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
        assert_eq!(fault_of::<&str>(&[]), Outcome::Well);
    }
}
