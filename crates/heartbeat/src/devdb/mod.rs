//! A local PostgreSQL that starts by itself, for `cargo dev` and for the tests.
//!
//! The chain, first hit wins: a given URL; a server already running in the state directory;
//! binaries of the system (15 or newer); a pinned download, kept in the state directory. Not for
//! production: the server trusts everybody on the loopback address, and trades durability for speed
//! unless it is asked not to.
//!
//! Several processes may use one server. Each holds a shared lock on the file `users` while it
//! lives, so the kernel does the counting, and a killed process counts no more. [`DevDb::leave`]
//! stops the server only when that count is zero and nobody asked to keep it (file `keep`).

mod authority;
mod download;
mod error;
mod find;
mod pidfile;
mod place;
mod runner;
mod server;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use authority::{Authority, Certificate};
pub use error::Error;
use place::Place;

use crate::wall;

/// What to start, and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// A database to use instead (`DATABASE_URL`): nothing is started or stopped then.
    pub given: Option<String>,
    /// Folder of the local server. As root only a pointer is kept here: see `place.rs`.
    pub base: PathBuf,
    /// Leave the server running after the last user has left, until [`stop`].
    pub keep: bool,
    /// Have every commit on disk before it is answered, as in production. One that runs already stays
    /// as it is, so such a server needs a base of its own.
    pub durable: bool,
    /// Offer TLS with it, which like the above needs a base of its own. Its URL goes without, for tools;
    /// whoever wants TLS asks for another `sslmode`.
    pub certificate: Option<Certificate>,
}

/// How we came to a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The URL was given.
    Given,
    /// A server of ours was already running.
    Running,
    /// We started it, with this version (`15.18`, from the system or downloaded).
    Started {
        /// What `postgres --version` says, and where it was found.
        version: String,
    },
}

/// A database server in use. Dropping it only stops the counting; see [`DevDb::leave`].
#[derive(Debug)]
pub struct DevDb {
    server_url: String,
    /// What follows a database's name.
    options: &'static str,
    origin: Origin,
    local: Option<Local>,
}

#[derive(Debug)]
struct Local {
    place: Place,
    users: File,
}

/// What became of the server when we left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It was not ours to stop.
    Alone,
    /// Somebody else uses it, or it is to be kept.
    Running,
    /// We were the last: it is stopped, its data stay.
    Stopped,
}

impl DevDb {
    /// How we came to it.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The URL as given, or of the local server's database `name`, which need not exist yet.
    pub fn url(&self, name: &str) -> String {
        match self.local {
            None => self.server_url.clone(),
            Some(_) => format!("{}/{name}{}", self.server_url, self.options),
        }
    }

    /// Whether the server is our own local one, where databases may be made and dropped.
    pub fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// The folder on the local server's disk; `None` for a given one.
    pub fn folder(&self) -> Option<&Path> {
        self.local.as_ref().map(|local| local.place.dir())
    }

    /// A program that came with the local server's own; `None` if it did not.
    pub fn program(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        let Some(Local { place, .. }) = &self.local else { return Ok(None) };
        Ok(Some(find::install(place)?.bin.join(name)).filter(|program| program.is_file()))
    }

    /// Ends our use, and stops the server if nobody else needs it.
    pub fn leave(self) -> Result<Left, Error> {
        let Some(Local { place, users }) = self.local else { return Ok(Left::Alone) };
        let _turn = place.turn()?;
        drop(users);
        if place.keep_file().exists() || !place.nobody_uses_it()? {
            return Ok(Left::Running);
        }
        server::stop(&place)?;
        Ok(Left::Stopped)
    }
}

/// Finds or starts a server. Blocks for up to a minute; call it off the async runtime.
pub fn ensure(options: &Options) -> Result<DevDb, Error> {
    if let Some(url) = options.given.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
        let server_url = url.to_owned();
        return Ok(DevDb { server_url, options: "", origin: Origin::Given, local: None });
    }
    let (place, _turn) = Place::open(&options.base)?;
    let (running, origin) = match server::running(&place)? {
        Some(running) => (running, Origin::Running),
        None => {
            let install = find::install(&place)?;
            let running = server::start(&place, &install, options)?;
            (running, Origin::Started { version: install.to_string() })
        }
    };
    let users = place.use_it()?;
    if options.keep {
        File::create(place.keep_file()).map_err(Error::io("write", &place.keep_file()))?;
    }
    let server_url = format!("postgres://postgres@127.0.0.1:{}", running.port);
    let query = if options.certificate.is_some() { "?sslmode=disable" } else { "" };
    Ok(DevDb { server_url, options: query, origin, local: Some(Local { place, users }) })
}

/// What [`stop`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It was running and is stopped now.
    Now,
    /// There was nothing to stop.
    Already,
}

/// Stops the local server of `base`; with `force` even while others use it.
pub fn stop(base: &Path, force: bool) -> Result<Stopped, Error> {
    let Some((place, _turn)) = Place::find(base)? else { return Ok(Stopped::Already) };
    if server::running(&place)?.is_none() {
        return Ok(Stopped::Already);
    }
    if !force && !place.nobody_uses_it()? {
        return Err(Error::InUse);
    }
    server::stop(&place)?;
    match fs::remove_file(place.keep_file()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", &place.keep_file())(error))
        }
        _ => Ok(Stopped::Now),
    }
}

/// Stops the local server of `base` and deletes its data.
pub fn erase(base: &Path, force: bool) -> Result<(), Error> {
    stop(base, force)?;
    let Some((place, _turn)) = Place::find(base)? else { return Ok(()) };
    fs::remove_dir_all(place.dir()).map_err(Error::io("delete", place.dir()))?;
    match fs::remove_dir_all(place.base()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("delete", place.base())(error))
        }
        _ => Ok(()),
    }
}

/// The database server for tests: `TEST_DATABASE_URL`, else the local one of this workspace.
///
/// `DATABASE_URL` is not read: tests create and drop databases, which is not to be done to one that
/// somebody works with. The local server is left running, so that the next run starts at once;
/// `heartbeat db stop` ends it. It holds for the life of the process.
pub fn test_database_url() -> Result<String, Error> {
    static SERVER: OnceLock<Result<DevDb, Error>> = OnceLock::new();
    let options = || Options {
        given: wall::variable("TEST_DATABASE_URL"),
        base: workspace_base(),
        keep: true,
        durable: false,
        certificate: None,
    };
    match SERVER.get_or_init(|| ensure(&options())) {
        Ok(server) => Ok(server.url("postgres")),
        Err(error) => Err(error.again()),
    }
}

/// Where `cargo dev` keeps its database by default, seen from this crate's own folder.
fn workspace_base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dev/postgres")
}
