//! What must be so right after a crash, and what must be so again once the world went on.

use std::collections::BTreeMap;

use app::tick::{Scope, tick};

use super::{scenarios::in_turn, scene::Scene};

/// When somebody looks after what a process left behind: while a spent token is tolerated.
pub const SOON: i64 = 10;
/// What passes between two heartbeats; leases and claims of who died are over by then.
pub const LATER: i64 = 600;
/// Heartbeats after which nothing may remind of a crash.
pub const TICKS_MAX: u32 = 2;

pub const SCHEDULER: &str = "/api/cron/sync-transactions";
const DASHBOARD: &str = "/api/analytics/dashboard?timeRange=all";

const HELD: &str = "select m.fanvue_user_uuid, t.fanvue_transaction_id, t.amount_cents, t.net_cents
   from fanvue_transactions t
   join models m on m.agency_id = t.agency_id and m.id = t.model_id";

/// Whatever reminds of a crash, in words.
const LEFT: &str = "
    select 'a creator failed ' || attempts || ' times' from sync_state where attempts <> 0
    union all
    select 'a creator is set aside' from sync_state where parked_at is not null
    union all
    select 'an audience failed ' || attempts || ' times' from audience_streams where attempts <> 0
    union all
    select 'an account is ' || state || coalesce(', to be refreshed since ' || refresh_intended_at, '')
      from fanvue_connections where state <> 'active' or refresh_intended_at is not null
    union all
    select 'an event is ' || state from webhook_events where state <> 'done'
    union all
    select 'what a webhook told is ' || state from provisional_transactions
     where state in ('open', 'unmatched')
    union all
    select 'a day is ' || state from proof_days
    union all
    select 'a job runs' from sync_job_creators where ended_at is null";

/// Creators who are called failed by the very attempt that read them to the end.
const WRONGED: &str = "select count(*) from sync_state
     where attempts <> 0 and last_error_at <= last_sync_at
       and coalesce(jsonb_array_length(stream -> 'windows'), 0) = 0";

/// Rows by account, id, gross and net, and how often each is there.
type Books = BTreeMap<(String, String, i64, i64), u32>;

impl Scene<'_> {
    async fn held(&self) -> Books {
        let mut books = Books::new();
        for row in self.stage.keeper.ask(HELD).await {
            *books.entry((row.get(0), row.get(1), row.get(2), row.get(3))).or_default() += 1;
        }
        books
    }

    fn truth(&self) -> Books {
        let (mut books, now) = (Books::new(), self.now());
        for account in self.sim.creators() {
            for row in self.sim.rows(account, now) {
                let key = (account.to_string(), row.transaction_order_id, row.gross, row.net);
                *books.entry(key).or_default() += 1;
            }
        }
        books
    }

    /// Nothing is there that the platform does not have, nothing twice, what is shown follows from it, and
    /// nobody is called failed who did not.
    pub async fn holds(&self) -> Result<(), String> {
        let (held, truth) = (self.held().await, self.truth());
        let is_doubled =
            |(row, count): &(&_, &u32)| truth.get(*row).is_none_or(|owed| owed < *count);
        if let Some((row, count)) = held.iter().find(is_doubled) {
            return Err(format!("{count} of {row:?} are in the ledger"));
        }
        let drifts = self.stage.eye.store.list_drifts().await.unwrap();
        if !drifts.is_empty() {
            return Err(format!("{drifts:?}"));
        }
        match self.stage.keeper.number(WRONGED).await {
            0 => Ok(()),
            some => Err(format!("{some} were read to the end and are called failed")),
        }
    }

    /// Whether the ledger is the platform's rows.
    pub async fn is_complete(&self) -> bool {
        self.held().await == self.truth()
    }

    /// One heartbeat, when leases are over.
    pub async fn beats(&mut self) -> Result<(), String> {
        self.pass(LATER);
        let ctx = self.ctx();
        let report = Box::pin(tick(&ctx, Scope::Everyone, in_turn())).await;
        report.map(drop).map_err(|error| format!("a heartbeat fails: {error:?}"))
    }

    /// Heartbeats go on until everything is read.
    pub async fn reads_all(&mut self) -> Result<(), String> {
        for _ in 0..TICKS_MAX {
            self.beats().await?;
            if self.is_complete().await {
                return Ok(());
            }
        }
        let (held, truth) = (self.held().await, self.truth());
        let missing: Vec<_> = truth.keys().filter(|row| !held.contains_key(row)).collect();
        Err(format!("after {TICKS_MAX} heartbeats the ledger lacks {missing:?}"))
    }

    /// Nothing reminds of the crash: all rows are there and shown, exactly.
    pub async fn is_at_rest(&mut self) -> Result<(), String> {
        self.holds().await?;
        if !self.is_complete().await {
            return Err("the ledger lacks what the platform has".into());
        }
        let left: Vec<String> =
            self.stage.keeper.ask(LEFT).await.iter().map(|row| row.get(0)).collect();
        if !left.is_empty() {
            return Err(left.join(", "));
        }
        let shown = self.get(DASHBOARD).await?;
        let gross = self.sim.truth(self.now()).gross_cents;
        let told = &shown["kpiMetrics"]["totalRevenueCents"];
        if *told != gross || shown["freshness"]["exact"] != true {
            return Err(format!("{gross} was earned, and {shown} is shown"));
        }
        Ok(())
    }
}
