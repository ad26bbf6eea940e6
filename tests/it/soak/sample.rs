//! What the tables and the process take at a moment.

use std::collections::BTreeMap;

use crate::world::database::Database;

/// What a table takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Table {
    pub rows: i64,
    /// Without its indexes.
    pub bytes: i64,
    pub index_bytes: i64,
    /// Dead rows, as they were found and after autovacuum's turn.
    pub found_dead: i64,
    pub dead: i64,
    /// Updates so far, and those of them that touched no index.
    pub updates: i64,
    pub hot: i64,
}

impl Table {
    pub fn all_bytes(&self) -> i64 {
        self.bytes + self.index_bytes
    }
}

/// What there is when a week is over and everything at rest.
#[derive(Clone, Debug, Default)]
pub struct Week {
    /// Rows that Fanvue made since the beginning.
    pub sales: i64,
    /// Creators whose ledger is not the truth, and figures that don't follow from it.
    pub mismatches: usize,
    pub memory_mib: Option<f64>,
    /// Rows that should have been erased.
    pub kept_too_long: Vec<String>,
    pub tables: BTreeMap<String, Table>,
    /// Their bytes.
    pub indexes: BTreeMap<String, i64>,
}

const OTHERS: &str = "select count(*) from pg_stat_activity
                       where datname = current_database() and pid <> pg_backend_pid()
                         and backend_type = 'client backend'";

const TABLES: &str =
    "select s.relname, pg_table_size(s.relid), pg_indexes_size(s.relid), s.n_dead_tup,
                             s.n_tup_upd, s.n_tup_hot_upd
                        from pg_stat_user_tables s where s.schemaname = 'public' order by 1";

const INDEXES: &str = "select s.indexrelname, pg_relation_size(s.indexrelid)
                         from pg_stat_user_indexes s where s.schemaname = 'public' order by 1";

/// Those whose time has come by the settings in force.
const DUE: &str = "select s.relname
                     from pg_stat_user_tables s join pg_class c on c.oid = s.relid
                    where s.schemaname = 'public'
                      and s.n_dead_tup > current_setting('autovacuum_vacuum_threshold')::float8
                          + current_setting('autovacuum_vacuum_scale_factor')::float8
                            * greatest(c.reltuples, 0)
                    order by 1";

/// Dead rows that autovacuum leaves alone in a table of so many.
pub const LEFT_ALONE: i64 = 50;

/// Takes autovacuum's turn: it looks once a minute, in which days pass here.
pub async fn autovacuum(db: &Database) {
    let due = db.sql(DUE).await.concat();
    if !due.is_empty() {
        db.sql(&format!("vacuum (analyze) {}", due.join(", "))).await;
    }
}

/// What tables and indexes take, when the sessions of before have ended.
pub async fn look(db: &Database) -> (BTreeMap<String, Table>, BTreeMap<String, i64>) {
    while db.sql(OTHERS).await != [["0"]] {}
    let found = tables(db).await;
    autovacuum(db).await;
    let mut tables = tables(db).await;
    let count = |name: &String| format!("select '{name}', count(*) from {name}");
    let counts = tables.keys().map(count).collect::<Vec<_>>().join(" union all ");
    for row in db.sql(&counts).await {
        let table = tables.get_mut(&row[0]).unwrap();
        table.rows = number(&row[1]);
        table.found_dead = found[&row[0]].dead;
    }
    let indexes = db.sql(INDEXES).await;
    (tables, indexes.iter().map(|row| (row[0].clone(), number(&row[1]))).collect())
}

async fn tables(db: &Database) -> BTreeMap<String, Table> {
    let rows = db.sql(TABLES).await;
    let table = |row: &Vec<String>| {
        let numbers: Vec<_> = row[1..].iter().map(|text| number(text)).collect();
        let [bytes, index_bytes, dead, updates, hot] = numbers[..] else { panic!("{row:?}") };
        (row[0].clone(), Table { bytes, index_bytes, dead, updates, hot, ..Table::default() })
    };
    rows.iter().map(table).collect()
}

fn number(text: &str) -> i64 {
    text.parse().unwrap()
}

/// The size of this process, where the system tells.
pub fn resident_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
