//! The data folder of one `heartbeat dev`: taken by one process at a time, and holding what has to
//! survive it.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::RngExt;

use crate::Failure;

/// The folder, ours until dropped.
#[derive(Debug)]
pub(super) struct Home {
    dir: PathBuf,
    _lock: File,
}

impl Home {
    pub(super) fn open(dir: &Path) -> Result<Home, Failure> {
        let failure = |action: &str| format!("can't {action} the data folder {}", dir.display());
        fs::create_dir_all(dir).map_err(Failure::while_doing(failure("create")))?;
        let mut options = File::options();
        let lock = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join("in-use"))
            .map_err(Failure::while_doing(failure("write to")))?;
        match lock.try_lock() {
            Ok(()) => Ok(Home { dir: dir.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Failure::new(format!(
                "another `heartbeat dev` is using the data folder {}; stop it, or choose another \
                 with --data-dir",
                dir.display()
            ))),
            Err(TryLockError::Error(error)) => Err(Failure::while_doing(failure("lock"))(error)),
        }
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join("postgres")
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.dir.join("simulator.journal")
    }

    /// The keys that seal tokens, made at the first start and readable by their owner only.
    pub(super) fn token_keys(&self) -> Result<String, Failure> {
        self.made_once("token-keys", || {
            format!("dev:{}", STANDARD.encode(rand::rng().random::<[u8; 32]>()))
        })
    }

    /// The secret that users' tokens are signed with, likewise.
    pub(super) fn jwt_secret(&self) -> Result<String, Failure> {
        self.made_once("jwt-secret", || STANDARD.encode(rand::rng().random::<[u8; 32]>()))
    }

    fn made_once(&self, name: &str, make: impl FnOnce() -> String) -> Result<String, Failure> {
        let path = self.dir.join(name);
        let failure = |action: &str| format!("can't {action} {}", path.display());
        match fs::read_to_string(&path) {
            Ok(keys) if !keys.trim().is_empty() => return Ok(keys.trim().to_owned()),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::while_doing(failure("read"))(error));
            }
            _ => {}
        }
        let keys = make();
        // Renamed when whole: a key cut short would make every token unreadable.
        let new = self.dir.join(format!("{name}.new"));
        let mut options = File::options();
        let mut file = options
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&new)
            .map_err(Failure::while_doing(failure("write")))?;
        file.write_all(keys.as_bytes())
            .and_then(|()| fs::rename(&new, &path))
            .map_err(Failure::while_doing(failure("write")))?;
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn fresh(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("home-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        dir
    }

    #[test]
    fn a_folder_is_taken_by_one_at_a_time() {
        let dir = fresh("lock");
        let first = Home::open(&dir).unwrap();
        let error = Home::open(&dir).unwrap_err().chain();
        assert!(error.contains("another `heartbeat dev`"), "{error}");
        drop(first);
        Home::open(&dir).unwrap();
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn keys_are_made_once_and_kept_private() {
        let dir = fresh("keys");
        let home = Home::open(&dir).unwrap();
        let keys = home.token_keys().unwrap();
        assert_eq!(home.token_keys().unwrap(), keys);
        let secret = keys.strip_prefix("dev:").unwrap();
        assert_eq!(STANDARD.decode(secret).unwrap().len(), 32);
        let mode = fs::metadata(dir.join("token-keys")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(&dir).unwrap();
    }
}
