//! What can go wrong with the local database, in words that say what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no database. Each message ends with the way out, where there is one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither the system nor a download gave a server.
    #[error(
        "no PostgreSQL 15 or newer was found and none could be downloaded ({why}); install it \
         (Debian: apt-get install postgresql, macOS: brew install postgresql@17) or set DATABASE_URL"
    )]
    NotFound {
        /// Why the download was not possible.
        why: String,
    },
    /// PostgreSQL looks its user up by number and refuses to run as a stranger.
    #[error(
        "PostgreSQL can't run here: {who} has no entry in the system's list of users; set DATABASE_URL"
    )]
    UnknownUser {
        /// The user looked for.
        who: String,
    },
    /// A path that somebody else prepared or may change.
    #[error("{} is not safe to use: {why}; remove it or choose another --data-dir", path.display())]
    Unsafe {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process uses the server.
    #[error("the local database is in use by another process; --force stops it all the same")]
    InUse,
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which.
        program: String,
        /// The last lines it wrote.
        output: String,
    },
    /// A file could not be read or written.
    #[error("can't {action} {}", path.display())]
    Io {
        /// What we tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: what was tried, on which path.
    pub(super) fn io<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Error + 'a {
        move |source| Error::Io { action, path: path.to_owned(), source }
    }

    /// The same error once more, for a second caller of a start that failed.
    pub(super) fn again(&self) -> Error {
        let mut output = self.to_string();
        if let Some(source) = std::error::Error::source(self) {
            output.push_str(&format!(": {source}"));
        }
        Error::Program { program: "the start of the local database".to_owned(), output }
    }
}
