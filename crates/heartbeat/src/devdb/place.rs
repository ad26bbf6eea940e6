//! Where the local server keeps its files, and the locks by which processes share it.
//!
//! The base folder (`.dev/postgres`) holds what we write: the locks, the log, the wish to keep the
//! server. The server's own folder is the same one for a normal user. As root the server's user
//! could not enter a folder below root's home, so it gets a fresh one under `/var/tmp` with an
//! unguessable name, noted in the base's file `at`. Nobody can have prepared such a folder, root
//! writes nothing into it that another user could redirect, and removing the base begins anew.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf};

use rand::RngExt;
use sha2::{Digest, Sha256};

use super::Error;
use super::runner::Runner;

/// Folder that every user may enter, and whose contents survive a restart.
const SHARED: &str = "/var/tmp";

/// The folders of one local server.
#[derive(Debug)]
pub(super) struct Place {
    base: PathBuf,
    dir: PathBuf,
    runner: Runner,
}

/// Held by the one process that is starting or stopping the server; released when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _file: File,
}

impl Place {
    /// Waits for our turn, then finds the server's folder, or makes it.
    pub(super) fn open(base: &Path) -> Result<(Place, Turn), Error> {
        fs::create_dir_all(base).map_err(Error::io("create", base))?;
        let (base, runner) = (resolve(base)?, Runner::choose()?);
        let turn = take_turn(&base)?;
        let dir = match find_dir(&base, &runner)? {
            Some(dir) => dir,
            None => make_dir(&base, &runner)?,
        };
        Ok((Place { base, dir, runner }, turn))
    }

    /// Waits for our turn, then finds the server's folder, if there is one.
    pub(super) fn find(base: &Path) -> Result<Option<(Place, Turn)>, Error> {
        if !base.exists() {
            return Ok(None);
        }
        let (base, runner) = (resolve(base)?, Runner::choose()?);
        let turn = take_turn(&base)?;
        Ok(find_dir(&base, &runner)?.map(|dir| (Place { base, dir, runner }, turn)))
    }

    /// Waits for our turn on a place already found.
    pub(super) fn turn(&self) -> Result<Turn, Error> {
        take_turn(&self.base)
    }

    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn runner(&self) -> &Runner {
        &self.runner
    }

    pub(super) fn data_dir(&self, major: u32) -> PathBuf {
        self.dir.join(format!("data-{major}"))
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.base.join("server.log")
    }

    pub(super) fn keep_file(&self) -> PathBuf {
        self.base.join("keep")
    }

    /// The versions that have data here, oldest first.
    pub(super) fn majors(&self) -> Result<Vec<u32>, Error> {
        let entries = fs::read_dir(&self.dir).map_err(Error::io("list", &self.dir))?;
        let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        let major = |name: String| name.strip_prefix("data-")?.parse().ok();
        let mut majors: Vec<u32> = entries.filter_map(name).filter_map(major).collect();
        majors.sort_unstable();
        Ok(majors)
    }

    /// Counts us as a user until the file is dropped or the process ends.
    pub(super) fn use_it(&self) -> Result<File, Error> {
        let file = lock_file(&self.base, "users")?;
        file.lock_shared().map_err(Error::io("lock", &self.base))?;
        Ok(file)
    }

    /// Whether no process is counted. Only meaningful during our [`Turn`].
    pub(super) fn nobody_uses_it(&self) -> Result<bool, Error> {
        match lock_file(&self.base, "users")?.try_lock() {
            Ok(()) => Ok(true),
            Err(fs::TryLockError::WouldBlock) => Ok(false),
            Err(fs::TryLockError::Error(error)) => Err(Error::io("lock", &self.base)(error)),
        }
    }
}

fn resolve(base: &Path) -> Result<PathBuf, Error> {
    base.canonicalize().map_err(Error::io("resolve", base))
}

fn take_turn(base: &Path) -> Result<Turn, Error> {
    let file = lock_file(base, "lock")?;
    file.lock().map_err(Error::io("lock", base))?;
    Ok(Turn { _file: file })
}

fn lock_file(base: &Path, name: &str) -> Result<File, Error> {
    let path = base.join(name);
    let mut options = File::options();
    options.create(true).truncate(false).write(true).open(&path).map_err(Error::io("open", &path))
}

fn find_dir(base: &Path, runner: &Runner) -> Result<Option<PathBuf>, Error> {
    if !runner.steps_down {
        check(base, runner.uid)?;
        return Ok(Some(base.to_owned()));
    }
    let pointer = base.join("at");
    let dir = match fs::read_to_string(&pointer) {
        Ok(text) => PathBuf::from(text.trim()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &pointer)(error)),
    };
    // A copied base still points at its original's folder, and a cleaned /var/tmp at nothing.
    if !is_named_for(&dir, base) || fs::symlink_metadata(&dir).is_err() {
        return Ok(None);
    }
    check(&dir, runner.uid)?;
    Ok(Some(dir))
}

fn make_dir(base: &Path, runner: &Runner) -> Result<PathBuf, Error> {
    let dir = PathBuf::from(SHARED).join(format!("{}{}", prefix(base), random_suffix()));
    // Fails if anything is there, a symlink included.
    DirBuilder::new().mode(0o700).create(&dir).map_err(Error::io("create", &dir))?;
    chown(&dir, Some(runner.uid), Some(runner.gid)).map_err(Error::io("hand over", &dir))?;
    let pointer = base.join("at");
    let text = format!("{}\n", dir.display());
    fs::write(&pointer, text).map_err(Error::io("write", &pointer))?;
    Ok(dir)
}

/// A real folder that belongs to the server's user: no symlink, nobody else's.
fn check(dir: &Path, uid: u32) -> Result<(), Error> {
    let found = fs::symlink_metadata(dir).map_err(Error::io("look at", dir))?;
    let why = if !found.is_dir() {
        "it is not a folder".to_owned()
    } else if found.uid() != uid {
        format!("it belongs to user number {}, not {uid}", found.uid())
    } else {
        return Ok(());
    };
    Err(Error::Unsafe { path: dir.to_owned(), why })
}

/// Folders are named for their base, so that a copy of the base is recognised.
fn prefix(base: &Path) -> String {
    let digest = Sha256::digest(base.as_os_str().as_encoded_bytes());
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("heartbeat-db-{short}-")
}

fn is_named_for(dir: &Path, base: &Path) -> bool {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    dir.parent() == Some(Path::new(SHARED)) && name.starts_with(&prefix(base))
}

fn random_suffix() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_base_does_not_share_the_originals_folder() {
        let original = Path::new("/home/ada/heartbeat/.dev/postgres");
        let copy = Path::new("/home/ada/copy/.dev/postgres");
        let dir = PathBuf::from(SHARED).join(format!("{}0011", prefix(original)));
        assert!(is_named_for(&dir, original));
        assert!(!is_named_for(&dir, copy));
        assert!(!is_named_for(Path::new("/etc"), original));
    }

    #[test]
    fn a_symlink_is_refused() {
        let base = std::env::temp_dir().join(format!("place-{}", random_suffix()));
        fs::create_dir_all(&base).unwrap();
        let link = base.join("link");
        std::os::unix::fs::symlink("/", &link).unwrap();
        let uid = fs::metadata(&base).unwrap().uid();
        assert!(check(&base, uid).is_ok());
        assert!(matches!(check(&link, uid), Err(Error::Unsafe { .. })));
        assert!(matches!(check(&base, uid + 1), Err(Error::Unsafe { .. })));
        fs::remove_dir_all(&base).unwrap();
    }
}
