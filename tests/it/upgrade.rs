//! A database of the older system becomes ours in place, under traffic: no row is lost, and after one
//! force-sync what is shown is what Fanvue says.

mod failing;
mod interrupted;
mod older;
mod rows;
mod shape;
mod tokens;
mod traffic;

use std::sync::Arc;

use app::{Ctx, SystemEntropy};

pub use self::older::Older;
use crate::world::{SECRET, World, config, transport::InProcess};

/// What became of the older system's rows: state, how many, gross cents.
const STATES: &str = "select state, count(*), coalesce(sum(gross_cents), 0)
                        from upgrade_receipts group by 1 order by 1";

impl Older {
    /// The service on the upgraded database, in the same world.
    pub fn served(self) -> World {
        let Self { truth, db, .. } = self;
        let World { sim, clock, .. } = truth;
        let transport = Arc::new(InProcess { sim: sim.clone(), clock: Arc::clone(&clock) });
        let config = config(&db.url, "http://127.0.0.1:1");
        let time = Arc::clone(&clock);
        let ctx = Ctx::with(config, transport, time, Arc::new(SystemEntropy)).unwrap();
        World { sim, clock, ctx, db }
    }
}

impl World {
    /// Tokens are sealed, creators found, and all is read that is due.
    async fn scheduled(&self) {
        let (status, report) = self.get("/api/cron/sync-transactions", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        self.check().await;
    }

    /// The whole history again, read to its end.
    async fn forced(&self) {
        self.advance(600);
        let (status, answer) = self.post("/api/fanvue/force-sync-revenue").await;
        assert_eq!(status, 202, "{answer}");
        let place = format!("/api/sync/jobs/{}", answer["job"]["id"].as_str().unwrap());
        for _ in 0..20 {
            self.tick().await;
            let (_, job) = self.get(&place, Some(SECRET)).await;
            if job["state"] == "done" {
                return;
            }
            self.advance(60);
        }
        panic!("the job did not end");
    }
}
