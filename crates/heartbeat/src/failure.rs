//! The error of a command: what its user reads. Nobody decides anything by it, so it is one type.

use std::error::Error;

/// What could not be done, and the cause.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    what: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    code: u8,
}

/// The exit code of most failures.
const CODE: u8 = 1;

impl Failure {
    /// A failure without a deeper cause.
    pub fn new(what: impl Into<String>) -> Failure {
        Failure { what: what.into(), source: None, code: CODE }
    }

    /// For `map_err`: what was tried when the cause came up.
    pub fn while_doing<E>(what: impl Into<String>) -> impl FnOnce(E) -> Failure
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |source| Failure { what: what.into(), source: Some(source.into()), code: CODE }
    }

    /// The same, and the program ends with that code.
    #[must_use]
    pub fn with_code(self, code: u8) -> Failure {
        Failure { code, ..self }
    }

    /// What the program ends with.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// The failure and all its causes, on one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(next) = cause {
            let said = next.to_string();
            if !text.ends_with(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            cause = next.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_every_cause_once() {
        let inner = Failure::while_doing("the file is unreadable")("permission denied");
        let outer: Failure = Failure::while_doing("can't start")(inner);
        assert_eq!(outer.chain(), "can't start: the file is unreadable: permission denied");
        assert_eq!(Failure::new("alone").chain(), "alone");
        assert_eq!((outer.code(), Failure::new("alone").with_code(2).code()), (1, 2));
    }
}
