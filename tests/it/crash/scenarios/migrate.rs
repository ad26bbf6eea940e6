//! The last migration over the one before it: whatever is in its way, it is applied once and whole.

use tokio::runtime::{Builder, Runtime};

use crate::{
    crash::{
        Played, caught,
        fault::{Crash, TripFault},
        line::Line,
        scene::NAME,
    },
    simulation::trace::Trace,
    world::database::Database,
};

/// Round trips before the first migration is looked at and until that is done, and those of the last one and
/// what comes after it. In between, each migration that is there is looked at in the same six.
const EDGES: (u32, u32) = (8, 10);

const VERSIONS: &str = "select version from supabase_migrations.schema_migrations order by 1";

/// What the schema is, in one word.
const SHAPE: &str = "select md5(string_agg(line, '|' order by line)) from (
        select table_name::text || column_name::text || data_type::text || is_nullable::text as line
          from information_schema.columns where table_schema = 'public'
        union all select indexdef from pg_indexes where schemaname = 'public'
        union all select tablename::text || policyname::text from pg_policies
                   where schemaname = 'public'
        union all select p.proname::text || md5(p.prosrc)
                    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                   where n.nspname = 'public'
        union all select t.tgname::text || t.tgrelid::regclass::text
                    from pg_trigger t where not t.tgisinternal) as lines";

pub struct Migrate {
    /// At the last version but one.
    before: Database,
    /// Versions and shape of a database that nobody disturbed.
    after: (Vec<Vec<String>>, Vec<Vec<String>>),
    /// Whether every round trip is disturbed, and not only those at the edges.
    is_whole: bool,
    runtime: Runtime,
}

impl Migrate {
    pub fn set(is_whole: bool) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (before, after) = runtime.block_on(async {
            let before = last_but_one().await;
            let db = Database::create().await;
            (before, described(&db).await)
        });
        Self { before, after, is_whole, runtime }
    }

    /// Migrates a copy with that crash in it, then again until it is done; the round trips.
    async fn played(&self, crash: Option<Crash>) -> Result<u32, String> {
        let db = Database::copy_of(&self.before).await;
        let line = Line::to(&db, NAME).await;
        let plan: Option<(u32, TripFault)> = match crash {
            Some(Crash::Trip { nth, fault }) => Some((nth, fault)),
            _ => None,
        };
        line.begin(plan);
        let mut run = Box::pin(store::migrate(&line.url));
        tokio::select! {
            biased;
            () = line.killed() => {}
            done = &mut run => if let (Err(error), None) = (done, plan) {
                return Err(format!("{error:?}"));
            },
        }
        let trips = line.trips();
        drop(run);
        line.cut();
        if plan.is_some_and(|(nth, _)| trips < nth) {
            return Err(format!("was not met by {trips} round trips"));
        }
        let again = store::migrate(&db.url).await.map_err(|error| format!("again: {error:?}"))?;
        if plan.is_none() && !again.versions.is_empty() {
            return Err(format!("{:?} were left to a second call", again.versions));
        }
        let nothing = store::migrate(&db.url).await.map_err(|error| format!("{error:?}"))?;
        let found = described(&db).await;
        if !nothing.versions.is_empty() || found != self.after {
            return Err(format!("{nothing:?}, and the database is {found:?}"));
        }
        Ok(trips)
    }
}

/// Every migration but the last, as another release left them.
async fn last_but_one() -> Database {
    let db = Database::create_empty().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".sql")).collect();
    names.sort();
    let last = names.pop().unwrap();
    assert!(last.starts_with(store::latest_version()), "{last}");
    db.sql(
        "create schema supabase_migrations;
         create table supabase_migrations.schema_migrations (
             version text primary key, statements text[], name text)",
    )
    .await;
    for name in names {
        let sql = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        db.sql(&format!("begin;\n{sql}\n;\ncommit")).await;
        let (version, name) = name.trim_end_matches(".sql").split_once('_').unwrap();
        let done = format!(
            "insert into supabase_migrations.schema_migrations (version, name)
             values ('{version}', '{name}')"
        );
        db.sql(&done).await;
    }
    db
}

async fn described(db: &Database) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    (db.sql(VERSIONS).await, db.sql(SHAPE).await)
}

impl Played for Migrate {
    fn crashes(&self) -> Result<Vec<Crash>, String> {
        let trips = caught(|| self.runtime.block_on(self.played(None)))?;
        let is_meant = |nth: &u32| self.is_whole || *nth <= EDGES.0 || trips - EDGES.1 < *nth;
        Ok((1..=trips).filter(is_meant).flat_map(Crash::of_trip).collect())
    }

    fn play(&self, crash: Option<Crash>, _: &Trace) -> Result<(), String> {
        caught(|| self.runtime.block_on(self.played(crash))).map(drop)
    }
}
