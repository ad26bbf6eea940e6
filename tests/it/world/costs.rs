//! What an answer costs the database: entries of the ledger and of its indexes that it reads.

use std::sync::Arc;

use super::{World, config, transport::InProcess};

impl World {
    /// A world whose sessions end when their process does: a pooler keeps them open, and what they read is
    /// counted when they end.
    pub async fn counting() -> Self {
        let mut world = Self::empty().await;
        world.db.url = world.db.direct_url().await;
        world
    }

    /// A process of its own.
    pub fn begin_process(&mut self) {
        self.ctx = app::Ctx::with(
            config(&self.db.url, "http://127.0.0.1:1"),
            Arc::new(InProcess { sim: self.sim.clone(), clock: Arc::clone(&self.clock) }),
            Arc::clone(&self.clock) as _,
            Arc::new(app::SystemEntropy),
        )
        .unwrap();
    }

    /// The process ends, and its sessions with it.
    pub fn end_process(&mut self) {
        let url = self.db.url.clone().into();
        self.ctx.store = store::Store::open(&url, store::Options::default()).unwrap();
    }

    /// Entries that were read so far, by sessions that have ended.
    pub async fn entries_read(&self) -> u64 {
        let sql = "select (select count(*) from pg_stat_activity where datname = current_database()
                             and pid <> pg_backend_pid() and backend_type = 'client backend'),
                          (select sum(idx_tup_read) from pg_stat_user_indexes
                            where relname = 'fanvue_transactions'),
                          (select seq_tup_read from pg_stat_user_tables
                            where relname = 'fanvue_transactions')";
        loop {
            let row = self.db.sql(sql).await.remove(0);
            if row[0] == "0" {
                return row[1].parse::<u64>().unwrap() + row[2].parse::<u64>().unwrap();
            }
        }
    }
}
