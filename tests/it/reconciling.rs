//! The nightly proof: what is lost is found and comes back with a receipt, nothing leaves without evidence,
//! and what fails proves nothing.

mod erasing;
mod evidence;
mod failing;
mod finding;
mod forced;
mod money;
mod sums;
mod turns;
mod vanishing;

use serde_json::Value;
use simulator::{NewSale, TrueRow};
use uuid::Uuid;

use crate::world::{SECRET, World};

/// A day that no look back reaches.
const DAY: &str = "2026-11-05";

impl World {
    /// Ada with so many rows of 400 days and one of 777.77 on [`DAY`], read to the end a minute ago. Her whole
    /// history is not due to be read again.
    async fn proved(rows: u64) -> (Self, TrueRow) {
        let world = Self::empty().await;
        let ada = world.creator("Ada", rows, 0);
        let row = world.sell_at(ada, 77_777, &format!("{DAY}T12:00:00Z"));
        world.connect().await;
        world.db.sql("delete from models where name <> 'Ada'").await;
        world.tick().await;
        world.rested().await;
        world.assert_complete().await;
        world.advance(61);
        (world, row)
    }

    /// As if everybody's history had just been read again.
    pub async fn rested(&self) {
        let sql = format!(
            "with begun as (
                 insert into sync_jobs (agency_id, id, begun_at, is_proof)
                 select id, gen_random_uuid(), '{0}'::timestamptz - interval '2 days', true
                   from agencies
                 returning agency_id, id
             )
             insert into sync_job_creators (agency_id, job_id, model_id, rows_known, cents_known,
                rows_ahead, rows_held, ended_at, outcome)
             select m.agency_id, b.id, m.id, 0, 0, 0, 0, '{0}', 'done'
               from models m join begun b on b.agency_id = m.agency_id",
            self.now()
        );
        self.db.sql(&sql).await;
    }

    fn sell_at(&self, creator: Uuid, gross: i64, at: &str) -> TrueRow {
        let sale = NewSale {
            gross_cents: Some(gross),
            net_cents: Some(gross / 2),
            source: Some("tip".into()),
            fan: Some("bea".into()),
            currency: Some("USD".into()),
            at: Some(at.to_owned()),
            ..NewSale::of(creator)
        };
        self.sim.sell(&sale, self.now()).unwrap().remove(0)
    }

    /// One call of the proof; its report.
    async fn reconcile(&self) -> Value {
        let (status, report) = self.get("/api/cron/reconcile", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        report
    }

    /// The same, after which what is shown follows from the ledger.
    async fn prove(&self) -> Value {
        let report = self.reconcile().await;
        self.check().await;
        report
    }

    async fn receipts(&self) -> Vec<Value> {
        let (status, page) = self.get("/api/sync/repairs", Some(SECRET)).await;
        assert_eq!(status, 200, "{page}");
        page["repairs"].as_array().unwrap().clone()
    }

    async fn status(&self) -> Value {
        let (status, shown) = self.get("/api/sync/status", Some(SECRET)).await;
        assert_eq!(status, 200, "{shown}");
        shown
    }

    async fn is_exact(&self) -> bool {
        self.dashboard("timeRange=all").await["freshness"]["exact"] == true
    }

    async fn number(&self, sql: &str) -> i64 {
        self.db.sql(sql).await[0][0].parse().unwrap()
    }

    /// Takes rows away with their sums and their fans, as a fault of the service would have.
    pub async fn lose_rows(&self, which: &str) {
        self.take_rows("set local heartbeat.actor = 'tick';", which).await;
    }

    /// The same, as somebody who knows the tables.
    pub async fn take_rows_by_hand(&self, which: &str) {
        self.take_rows("", which).await;
    }

    async fn take_rows(&self, actor: &str, which: &str) {
        let sql = format!(
            "{actor} with lost as (
                 delete from fanvue_transactions where {which} returning *
             ), summed as (
                 select model_id, (transaction_date at time zone 'Europe/Rome')::date as day,
                        transaction_type, sum(amount_cents) as gross, sum(net_cents) as net,
                        count(*) as number
                   from lost group by 1, 2, 3
             ), daily as (
                 update revenue_daily r
                    set gross_cents = r.gross_cents - s.gross, net_cents = r.net_cents - s.net,
                        transaction_count = r.transaction_count - s.number
                   from summed s
                  where r.model_id = s.model_id and r.day = s.day and r.source = s.transaction_type
             ), by_model as (
                 select model_id, sum(gross) as gross, sum(net) as net, sum(number) as number
                   from summed group by 1
             )
             update models m
                set revenue_total_cents = m.revenue_total_cents - b.gross,
                    net_total_cents = m.net_total_cents - b.net,
                    transactions_total = m.transactions_total - b.number
               from by_model b where b.model_id = m.id"
        );
        self.db.sql(&sql).await;
        self.db.sql("select recount_fan_days(id, timezone) from agencies").await;
        self.check().await;
    }

    /// Adds rows that Fanvue never had, with their sums.
    async fn add_ghosts(&self, count: u32, day: &str) {
        let sql = format!(
            "insert into fanvue_transactions
                 (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
                  amount_cents, net_cents, created_at, synced_at)
             select agency_id, id, 'to_ghost_' || n, '{day} 10:00Z', 'tip', 500, 400, now(), now()
               from models cross join generate_series(1, {count}) as n where name = 'Ada';
             insert into revenue_daily
             select agency_id, id, '{day}', 'tip', 500 * {count}, 400 * {count}, {count}
               from models where name = 'Ada'
             on conflict (agency_id, model_id, day, source) do update
                set gross_cents = revenue_daily.gross_cents + excluded.gross_cents,
                    net_cents = revenue_daily.net_cents + excluded.net_cents,
                    transaction_count = revenue_daily.transaction_count + excluded.transaction_count;
             update models set revenue_total_cents = revenue_total_cents + 500 * {count},
                    net_total_cents = net_total_cents + 400 * {count},
                    transactions_total = transactions_total + {count} where name = 'Ada'"
        );
        self.db.sql(&sql).await;
        self.check().await;
    }
}
