//! Finding PostgreSQL's programs on this machine, and choosing among several versions.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::place::Place;
use super::{Error, download};
use crate::wall;

/// The oldest version our SQL is written for.
const MAJOR_MIN: u32 = 15;

/// Folders of packagers; `*` stands for any one name.
const USUAL: [&str; 7] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// One installation of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Install {
    pub(super) bin: PathBuf,
    pub(super) major: u32,
    version: String,
}

impl fmt::Display for Install {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PostgreSQL {}", self.version)
    }
}

/// The installation to use at `place`: of the system, else downloaded.
pub(super) fn install(place: &Place) -> Result<Install, Error> {
    let majors = place.majors()?;
    let installs: Vec<Install> = candidates().iter().filter_map(|bin| look(bin)).collect();
    if let Some(chosen) = choose(&installs, &majors) {
        return Ok(chosen.clone());
    }
    let bin = download::fetch(place)?;
    look(&bin).ok_or_else(|| Error::NotFound {
        why: format!("the downloaded program in {} doesn't run", bin.display()),
    })
}

/// The newest version that already has data here; else the newest of all that are new enough.
fn choose<'a>(installs: &'a [Install], majors: &[u32]) -> Option<&'a Install> {
    let usable = || installs.iter().filter(|install| MAJOR_MIN <= install.major);
    let newest = |some: Vec<&'a Install>| {
        // The first of equals: the candidates are in order of preference.
        some.into_iter().rev().max_by_key(|install| install.major)
    };
    newest(usable().filter(|install| majors.contains(&install.major)).collect())
        .or_else(|| newest(usable().collect()))
}

/// Folders that may hold the programs, each once, in order of preference.
fn candidates() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut add = |dir: PathBuf| {
        // Distributions put links to single programs on the path: follow them home.
        let Ok(program) = dir.join("initdb").canonicalize() else { return };
        let Some(home) = program.parent() else { return };
        if home.join("postgres").is_file() && !found.iter().any(|known| known == home) {
            found.push(home.to_owned());
        }
    };
    if let Some(dir) = wall::variable("DEVDB_PG_BIN") {
        add(PathBuf::from(dir));
    }
    let path = wall::variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).for_each(&mut add);
    USUAL.iter().flat_map(|pattern| expand(pattern)).for_each(&mut add);
    if let Some(dir) = run(Command::new("pg_config").arg("--bindir")) {
        add(PathBuf::from(dir.trim()));
    }
    found
}

/// Expands the one `*` of a pattern by what is there.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let (parent, start) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = std::fs::read_dir(format!("{parent}/")) else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(start))
        .map(|name| PathBuf::from(format!("{parent}/{name}{after}")))
        .collect()
}

fn look(bin: &Path) -> Option<Install> {
    let said = run(Command::new(bin.join("postgres")).arg("--version"))?;
    let (version, major) = parse_version(&said)?;
    Some(Install { bin: bin.to_owned(), major, version })
}

fn run(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → `15.18`, 15. Betas: `18beta2`.
fn parse_version(said: &str) -> Option<(String, u32)> {
    let version = said.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_owned(), digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(major: u32, bin: &str) -> Install {
        Install { bin: bin.into(), major, version: major.to_string() }
    }

    #[test]
    fn versions_are_read_as_the_program_says_them() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some(("15.18".to_owned(), 15)));
        assert_eq!(
            parse_version("postgres (PostgreSQL) 18beta2"),
            Some(("18beta2".to_owned(), 18))
        );
        assert_eq!(parse_version("postgres (PostgreSQL) 9.6.24"), Some(("9.6.24".to_owned(), 9)));
        assert_eq!(parse_version("command not found"), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn the_newest_version_is_taken_for_a_new_database() {
        let installs = [install(15, "/a"), install(17, "/b"), install(17, "/c"), install(14, "/d")];
        assert_eq!(choose(&installs, &[]).unwrap().bin, Path::new("/b"));
    }

    #[test]
    fn data_are_not_left_behind_for_a_newer_version() {
        let installs = [install(15, "/a"), install(17, "/b")];
        assert_eq!(choose(&installs, &[15]).unwrap().major, 15);
        assert_eq!(choose(&installs, &[15, 17]).unwrap().major, 17);
        // The version that made the data is gone: begin anew beside them, don't fail.
        assert_eq!(choose(&installs, &[16]).unwrap().major, 17);
    }

    #[test]
    fn too_old_a_version_is_as_good_as_none() {
        assert_eq!(choose(&[install(14, "/a"), install(9, "/b")], &[14]), None);
        assert_eq!(choose(&[], &[15]), None);
    }

    #[test]
    fn a_pattern_without_a_match_is_empty() {
        assert!(expand("/nowhere/at/all/*/bin").is_empty());
        assert_eq!(expand("/usr/local/pgsql/bin"), [PathBuf::from("/usr/local/pgsql/bin")]);
    }
}
