//! Histories that somebody asks for again: a job that ticks work off, watched, joined, found again.

mod asking;
mod backfills;
mod counting;
mod drifting;
mod ending;
mod listing;
mod promising;
mod standing;
mod watching;

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use crate::world::{self, SECRET, World};

pub const FORCE_SYNC: &str = "/api/fanvue/force-sync-revenue";

impl World {
    /// Two creators of an agency, read to the end.
    async fn with_two() -> (Self, Uuid, Uuid) {
        let world = Self::empty().await;
        let (ada, bea) = (world.creator("Ada", 2_600, 0), world.creator("Bea", 140, 0));
        world.connect().await;
        world.db.sql("delete from models where name not in ('Ada', 'Bea')").await;
        world.tick().await;
        world.assert_complete().await;
        world.advance(60);
        (world, ada, bea)
    }

    /// Our id of the creator with that account.
    async fn model(&self, account: Uuid) -> String {
        let sql = format!("select id from models where fanvue_user_uuid = '{account}'");
        self.db.sql(&sql).await.remove(0).remove(0)
    }

    /// Begins a job; its id.
    async fn force_sync(&self, query: &str) -> String {
        let (status, answer) = self.post(&format!("{FORCE_SYNC}?{query}")).await;
        assert_eq!(status, 202, "{answer}");
        answer["job"]["id"].as_str().unwrap().to_owned()
    }

    async fn job(&self, id: &str) -> Value {
        let (status, job) = self.get(&format!("/api/sync/jobs/{id}"), Some(SECRET)).await;
        assert_eq!(status, 200, "{job}");
        job
    }

    /// Takes rows of the ledger away, as whoever lost them would have: sums, fans and all.
    async fn lose(&self, account: Uuid, which: &str) {
        let model = self.model(account).await;
        let lost = format!(
            "with lost as (
                 delete from fanvue_transactions where model_id = '{model}' and {which} returning *
             ), summed as (
                 select (l.transaction_date at time zone 'Europe/Rome')::date as day,
                        l.transaction_type, sum(l.amount_cents) as gross, sum(l.net_cents) as net,
                        count(*) as number
                   from lost l group by 1, 2
             ), daily as (
                 update revenue_daily r
                    set gross_cents = r.gross_cents - s.gross, net_cents = r.net_cents - s.net,
                        transaction_count = r.transaction_count - s.number
                   from summed s
                  where r.model_id = '{model}' and r.day = s.day and r.source = s.transaction_type
             )
             update models
                set revenue_total_cents = revenue_total_cents - (select sum(gross) from summed),
                    net_total_cents = net_total_cents - (select sum(net) from summed),
                    transactions_total = transactions_total - (select sum(number) from summed)
              where id = '{model}';
             select recount_fan_days(id, timezone) from agencies"
        );
        self.db.sql(&lost).await;
        self.db.sql("select recount_fan_days(id, timezone) from agencies").await;
        self.check().await;
    }
}

/// The whole response to a request to begin, with its headers.
async fn asked(world: &World, query: &str) -> http::Response<Bytes> {
    let request = http::Request::post(format!("{FORCE_SYNC}?{query}"));
    let request = request.header("authorization", format!("Bearer {SECRET}"));
    world::route(&world.ctx, request.body(Bytes::new()).unwrap()).await
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("{name} of {value}"))
}
