//! The function for Node, where Node is: one query as `/api/health` asks it, with the driver that most use.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::json;
use tokio::process::Command;

use super::{
    Databases,
    subject::{Adapter, Subject},
};
use crate::{Failure, bench::stage};

/// The oldest that Vercel still runs.
const MAJOR_MIN: u32 = 20;
/// How deep its folder is looked at.
const DEPTH_MAX: u32 = 8;

/// The function in `folder`, with its packages, which are fetched once.
pub(super) async fn subject(folder: &Path, databases: &Databases<'_>) -> Result<Subject, Failure> {
    let folder = fs::canonicalize(folder);
    let folder = folder.map_err(Failure::while_doing("its folder is not here"))?;
    let version = said("node", &["--version"], &folder).await?;
    if major(&version).is_none_or(|major| major < MAJOR_MIN) {
        let version = version.trim();
        return Err(Failure::new(format!("Node {MAJOR_MIN} or newer is needed, not {version}")));
    }
    if !folder.join("node_modules/pg").is_dir() {
        said("npm", &["ci", "--no-audit", "--no-fund"], &folder).await?;
    }
    let mut environment = databases.environment(databases.books);
    // The same value as ours: the schema's version.
    let values = json!([store::latest_version()]);
    environment.push(("STATEMENT", store::Health::STATEMENT.to_owned()));
    environment.push(("VALUES", values.to_string()));
    Ok(Subject {
        name: format!("the same query as `health`, Node {}, `pg`", version.trim()),
        key: "functions_node".to_owned(),
        adapter: Adapter::Vercel,
        bytes: bytes_below(&folder, DEPTH_MAX),
        program: program("node").await?,
        words: vec![folder.join("server.js").to_string_lossy().into_owned()],
        environment,
        path: "/".to_owned(),
        query: String::new(),
        bearer: Some(stage::SECRET.to_owned()),
    })
}

/// Where a program is, for a process without the variable that says it.
async fn program(name: &str) -> Result<PathBuf, Failure> {
    let told = said(name, &["--print", "process.execPath"], Path::new("/")).await?;
    Ok(PathBuf::from(told.trim()))
}

/// What a command says.
async fn said(program: &str, words: &[&str], folder: &Path) -> Result<String, Failure> {
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let done = command.output().await;
    let done = done.map_err(Failure::while_doing(format!("{program} does not run")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&done.stderr);
    let why = why.lines().next().unwrap_or_default();
    Err(Failure::new(format!("{program} {} failed: {why}", words.join(" "))))
}

/// `v20.20.2`: 20.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// All files in a folder, in bytes.
fn bytes_below(folder: &Path, depth: u32) -> u64 {
    let entries = fs::read_dir(folder).ok().filter(|_| depth > 0);
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(about) if about.is_dir() => bytes_below(&entry.path(), depth - 1),
        Ok(about) => about.len(),
        Err(_) => 0,
    };
    entries.into_iter().flatten().flatten().map(bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_node_says_it() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        for wrong in ["", "20.1.0", "vx"] {
            assert_eq!(major(wrong), None, "{wrong}");
        }
    }
}
