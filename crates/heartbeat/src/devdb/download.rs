//! PostgreSQL from a pinned package, for machines that have Node but no database.
//!
//! The package comes through `npm pack`, from whatever registry the user's npm is set to, and is
//! used only if its SHA-512 is the one written here. A platform without a pin gets no download.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde::Deserialize;
use sha2::{Digest, Sha512};

use super::Error;
use super::place::Place;

const VERSION: &str = "17.10.0-beta.17";

/// Operating system and architecture as Rust names them, the package's platform, its SHA-512.
const PINS: [(&str, &str, &str, &str); 1] = [(
    "linux",
    "x86_64",
    "linux-x64",
    "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
)];

/// A link the archive could not hold. Both paths start at the package's folder.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// The folder of the programs: of an earlier download at this place, else of a fresh one.
pub(super) fn fetch(place: &Place) -> Result<PathBuf, Error> {
    let home = place.dir().join(format!("postgresql-{VERSION}"));
    let bin = home.join("native/bin");
    if bin.join("postgres").is_file() {
        return Ok(bin);
    }
    let (platform, sha512) = pin(std::env::consts::OS, std::env::consts::ARCH)?;
    eprintln!("  no PostgreSQL here: fetching one (24 MB), once");
    let work = place.base().join("download");
    remove(&work)?;
    fs::create_dir_all(&work).map_err(Error::io("create", &work))?;
    let archive = pack(&work, platform)?;
    verify(&archive, sha512)?;
    // Below the server's folder, so that the server's user can enter it; renamed when whole.
    let half_made = place.dir().join("half-unpacked");
    remove(&half_made)?;
    unpack(&archive, &half_made)?;
    fs::rename(half_made.join("package"), &home).map_err(Error::io("rename", &half_made))?;
    remove(&half_made)?;
    remove(&work)?;
    Ok(bin)
}

fn pin(os: &str, arch: &str) -> Result<(&'static str, &'static str), Error> {
    PINS.iter()
        .find(|(pin_os, pin_arch, ..)| (*pin_os, *pin_arch) == (os, arch))
        .map(|(_, _, platform, sha512)| (*platform, *sha512))
        .ok_or_else(|| Error::NotFound { why: format!("there is none for {os} on {arch}") })
}

fn pack(work: &Path, platform: &str) -> Result<PathBuf, Error> {
    let package = format!("@embedded-postgres/{platform}@{VERSION}");
    let output = Command::new("npm")
        .args(["pack", "--silent", "--ignore-scripts", &package])
        .current_dir(work)
        .output()
        .map_err(|error| Error::NotFound { why: format!("npm can't be run: {error}") })?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || name.is_empty() || name.contains('/') {
        let said = String::from_utf8_lossy(&output.stderr);
        let why = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        return Err(Error::NotFound { why: format!("npm pack failed: {why}") });
    }
    Ok(work.join(name))
}

fn verify(archive: &Path, sha512: &str) -> Result<(), Error> {
    let bytes = fs::read(archive).map_err(Error::io("read", archive))?;
    if STANDARD.encode(Sha512::digest(&bytes)) == sha512 {
        return Ok(());
    }
    Err(Error::NotFound { why: "the package is not the pinned one".to_owned() })
}

fn unpack(archive: &Path, into: &Path) -> Result<(), Error> {
    let file = File::open(archive).map_err(Error::io("read", archive))?;
    let mut tar = tar::Archive::new(GzDecoder::new(file));
    tar.set_preserve_ownerships(false);
    tar.unpack(into).map_err(Error::io("unpack", archive))?;
    let package = into.join("package");
    link(&package)?;
    make_programs_runnable(&package.join("native/bin"))?;
    open_up(into).map_err(Error::io("change", into))
}

fn link(package: &Path) -> Result<(), Error> {
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).map_err(Error::io("read", &list))?;
    let links: Vec<Link> = serde_json::from_str(&text)
        .map_err(|error| Error::io("understand", &list)(io::Error::other(error)))?;
    for Link { source, target } in links {
        if !is_inside(&source) || !is_inside(&target) {
            return Err(Error::Unsafe { path: target, why: "it leaves the package".to_owned() });
        }
        let target = package.join(target);
        // Relative, so that the folder can be renamed.
        let up = target.strip_prefix(package).map_or(0, |inner| inner.components().count() - 1);
        let source: PathBuf = std::iter::repeat_n("..", up).collect::<PathBuf>().join(source);
        match symlink(&source, &target) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::io("link", &target)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Only names, no `..` and no root.
fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn make_programs_runnable(bin: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(bin).map_err(Error::io("list", bin))? {
        let path = entry.map_err(Error::io("list", bin))?.path();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .map_err(Error::io("change", &path))?;
    }
    Ok(())
}

/// Everybody may read and enter, whatever our umask: the server may run as another user.
fn open_up(dir: &Path) -> io::Result<()> {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            open_up(&entry.path())?;
        } else if kind.is_file() {
            let mode = entry.metadata()?.permissions().mode();
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode | 0o444))?;
        }
    }
    Ok(())
}

fn remove(dir: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("delete", dir)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_without_a_pin_gets_no_download() {
        assert!(matches!(pin("plan9", "mips"), Err(Error::NotFound { .. })));
        assert_eq!(pin("linux", "x86_64").unwrap().0, "linux-x64");
    }

    #[test]
    fn pins_are_whole_sha512_values() {
        for (.., sha512) in PINS {
            assert_eq!(STANDARD.decode(sha512).unwrap().len(), 64);
        }
    }

    #[test]
    fn a_link_may_not_leave_the_package() {
        assert!(is_inside(Path::new("native/lib/libpq.so")));
        for path in ["/etc/passwd", "../x", "native/../../x", "./x"] {
            assert!(!is_inside(Path::new(path)), "{path}");
        }
    }
}
