//! A database of a test's own, dropped with it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};

use store::admin;
use tokio::sync::OnceCell;

use super::{Sums, canary};

pub struct Database {
    server: String,
    name: String,
    pub url: String,
}

impl Database {
    /// A migrated database.
    pub async fn create() -> Self {
        static MIGRATED: OnceCell<String> = OnceCell::const_new();
        let database = Self::create_from(Some(MIGRATED.get_or_init(migrated).await)).await;
        // A copy has what is in a database, and not what is set for it.
        let name = &database.name;
        let set = format!("alter role current_user in database {name} set jit = off");
        admin::run_sql(&database.server, &set).await.unwrap();
        database
    }

    /// A database without a table.
    pub async fn create_empty() -> Self {
        Self::create_from(None).await
    }

    /// A copy of another one, which nobody uses any more.
    pub async fn copy_of(other: &Self) -> Self {
        leave(&other.server, &other.name).await;
        Self::create_from(Some(&other.name)).await
    }

    async fn create_from(template: Option<&str>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = server().await;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hb_test_{}_{count}", std::process::id());
        admin::drop_database(&server, &name).await.unwrap();
        let url = admin::create_database(&server, &name, template).await.unwrap();
        Self { server, name, url }
    }

    /// Rows of an operator's SQL, as text.
    pub async fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = admin::run_sql(&self.url, sql).await.unwrap();
        let text = |value: Option<String>| value.unwrap_or_else(|| "null".into());
        rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
    }

    /// The database without a pooler between, through which tests may run.
    pub async fn direct_url(&self) -> String {
        let server =
            self.sql("select host(inet_server_addr()), inet_server_port()").await.remove(0);
        let (user, rest) = self.url.split_once('@').unwrap();
        let (_, name) = rest.split_once('/').unwrap();
        format!("{user}@{}:{}/{name}", server[0], server[1])
    }

    /// What the ledger holds, by account.
    pub async fn ledger(&self) -> Sums {
        let rows = self
            .sql(
                "select m.fanvue_user_uuid, count(*), sum(t.amount_cents), sum(t.net_cents)
                   from fanvue_transactions t join models m on m.id = t.model_id
                  group by 1 order by 1",
            )
            .await;
        let number = |text: &String| text.parse().unwrap();
        rows.iter().map(|r| (r[0].clone(), number(&r[1]), number(&r[2]), number(&r[3]))).collect()
    }

    /// Lets every lease run out, as if the ticks that hold them had died a minute ago.
    pub async fn expire_leases(&self) {
        self.sql(
            "update sync_state set lease_expires_at = '2000-01-01' where lease_token is not null",
        )
        .await;
    }
}

async fn server() -> String {
    let server = tokio::task::spawn_blocking(heartbeat::devdb::test_database_url);
    server.await.unwrap().unwrap()
}

/// Ends the sessions of a database that nobody uses any more: a pooler's may be there still.
async fn leave(server: &str, name: &str) {
    let end =
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    admin::run_sql(server, &end).await.unwrap();
}

/// The name of a database that is migrated and that nobody uses, to be copied: migrating a database takes ten times
/// as long. It stays for later runs of the same migrations.
async fn migrated() -> String {
    let mut hasher = DefaultHasher::new();
    store::migrations().for_each(|sql| sql.hash(&mut hasher));
    let name = format!("hb_migrated_{:016x}", hasher.finish());
    let server = server().await;
    let found = format!("select from pg_database where datname = '{name}'");
    if admin::run_sql(&server, &found).await.unwrap().is_empty() {
        let made = Database::create_empty().await;
        store::migrate(&made.url).await.unwrap();
        leave(&server, &made.name).await;
        // Whoever else made one meanwhile has made the same.
        let keep = format!("alter database {} rename to {name}", made.name);
        match admin::run_sql(&server, &keep).await {
            Ok(_) => std::mem::forget(made),
            Err(why) => {
                assert!(!admin::run_sql(&server, &found).await.unwrap().is_empty(), "{why:?}");
            }
        }
    }
    name
}

/// Tables in which a secret stands.
async fn search(url: &str) -> Vec<String> {
    let first = |rows: Vec<Vec<Option<String>>>| -> Vec<String> {
        rows.into_iter().filter_map(|mut row| row.pop().flatten()).collect()
    };
    let tables = first(admin::run_sql(url, canary::TABLES).await.expect("tables are listed"));
    if tables.is_empty() {
        return tables;
    }
    let found = admin::run_sql(url, &canary::search_sql(&tables)).await;
    first(found.expect("tables are searched"))
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name, url) = (self.server.clone(), self.name.clone(), self.url.clone());
        let drop = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let secrets = search(&url).await;
                admin::drop_database(&server, &name).await.expect("the database can be dropped");
                secrets
            })
        });
        let secrets = drop.join().expect("the dropping thread ends");
        // A test that failed already says why.
        if !std::thread::panicking() {
            assert_eq!(secrets, Vec::<String>::new(), "these tables hold a secret");
        }
    }
}
