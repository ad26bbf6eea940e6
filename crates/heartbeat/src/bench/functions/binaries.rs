//! The function binaries that were built here, and which of them are started.

use std::{fs, path::PathBuf};

use app::Endpoint;

use super::{
    Databases,
    subject::{Adapter, Subject},
};
use crate::{
    bench::{books, stage},
    cli::FunctionsArgs,
    wall,
};

const MANIFEST: &str = include_str!("../../../../../Cargo.toml");

/// Those that are started, by their binaries' names: the ticks, which are the largest, what people wait
/// for, and what asks one query.
const STARTED: [(&str, Endpoint); 5] = [
    ("cron-revenue-heartbeat", Endpoint::RevenueHeartbeat),
    ("cron-sync-transactions", Endpoint::SyncTransactions),
    ("cron-daily-refresh", Endpoint::DailyRefresh),
    ("analytics-dashboard", Endpoint::Dashboard),
    ("health", Endpoint::Health),
];

/// Where the binary of that name is, if it was built.
fn built(args: &FunctionsArgs, adapter: Adapter, name: &str) -> Option<PathBuf> {
    let path = match adapter {
        Adapter::Vercel => args.vercel.join(name),
        Adapter::Lambda => args.lambda.join(name).join("bootstrap"),
    };
    // A process is started in no particular folder.
    fs::canonicalize(path).ok().filter(|path| path.is_file())
}

/// What is measured of what was built; a platform for which nothing was is said.
pub(super) fn subjects(args: &FunctionsArgs, databases: &Databases<'_>) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for adapter in [Adapter::Vercel, Adapter::Lambda] {
        let before = subjects.len();
        for (name, endpoint) in STARTED {
            if let Some(program) = built(args, adapter, name) {
                subjects.push(subject(adapter, (name, endpoint), program, databases));
            }
        }
        if subjects.len() == before {
            eprintln!("  {:<10} left out: nothing is built for it", adapter.key());
        }
    }
    subjects
}

fn subject(
    adapter: Adapter,
    (name, endpoint): (&str, Endpoint),
    program: PathBuf,
    databases: &Databases<'_>,
) -> Subject {
    let (url, query, bearer) = match endpoint {
        Endpoint::Dashboard => {
            let token = stage::token(books::user(0, 0), wall::now());
            (databases.books, "timeRange=30d", Some(token))
        }
        // Whoever shows nothing is told one word, by one query.
        Endpoint::Health => (databases.books, "", None),
        _ => (databases.empty, "", Some(stage::SECRET.to_owned())),
    };
    Subject {
        name: format!("`{name}`, {}", adapter.name()),
        key: format!("functions_{}_{}", adapter.key(), name.replace('-', "_")),
        adapter,
        bytes: fs::metadata(&program).map_or(0, |about| about.len()),
        program,
        words: Vec::new(),
        environment: databases.environment(url),
        path: endpoint.path().to_owned(),
        query: query.to_owned(),
        bearer,
    }
}

/// The largest of all that were built for a platform, and its size in MB.
pub(super) fn largest(args: &FunctionsArgs, adapter: Adapter) -> Option<(&'static str, f64)> {
    let megabytes = |name| {
        let bytes = fs::metadata(built(args, adapter, name)?).ok()?.len();
        Some((name, super::subject::megabytes(bytes)))
    };
    names().filter_map(megabytes).max_by(|(_, one), (_, other)| one.total_cmp(other))
}

/// The names of all function binaries.
fn names() -> impl Iterator<Item = &'static str> {
    MANIFEST.split("[[bin]]\nname = \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_has_a_size_and_those_that_are_started_are_some_of_them() {
        let names: Vec<_> = names().collect();
        assert_eq!(names.len(), Endpoint::ALL.len());
        for (name, endpoint) in STARTED {
            assert!(names.contains(&name), "{name}");
            let file = format!("name = \"{name}\"\npath = \"{}.rs\"", &endpoint.path()[1..]);
            assert!(MANIFEST.contains(&file), "{file}");
        }
    }
}
