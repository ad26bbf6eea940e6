//! When everything has healed and enough time has passed: the ledger is the truth, as a multiset.
//!
//! Asked twice: after ordinary ticks, whose look back must have found what came late; then after an
//! operator asked for the whole history, which must change no money and leaves every row known by
//! its id, with every attribute as the platform tells it.

use std::collections::{BTreeMap, BTreeSet};

use app::report::CreatorState;
use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Rows, TrueRow};

use super::{
    op::Op,
    scene::Scene,
    truth::{Content, Fact, VOID_AFTER_SECONDS, count},
    view::{CreatorView, HintView, RowView, View},
};
use crate::world::{SECRET, canary};

/// At rest every row of so many hours was looked for again: 97 hours, of which a tick a day is one.
const LOOKED_BACK_HOURS: i64 = 90;
/// A row that doesn't come back for so long is gone for good.
const FOR_GOOD_HOURS: i64 = 24 * 366;
/// A history of so many rows is booked in several parts.
const ROWS_PROVED_MAX: usize = 1000;
/// Ticks after which everything must be complete, ten minutes apart.
const TICKS_MAX: usize = 8;

impl Scene<'_> {
    /// Heals everything, lets time pass, and compares.
    pub async fn rest(&mut self) -> Result<(), String> {
        self.trace.note(|| "rest".into());
        self.heal();
        self.deliver(None).await?;
        self.settle().await?;
        for hours in [1, 25, 25] {
            self.pass(hours * 3600);
            self.deliver(None).await?;
            self.play(&Op::Tick).await?;
        }
        self.settle().await?;
        self.compare(&self.eye.look().await).map_err(|problem| format!("at rest: {problem}"))?;
        self.compare_dashboard().await?;
        self.settings(&json!({"rows": "v1"}));
        self.read_all_again().await?;
        if self.facts.values().flatten().any(|fact| fact.is_gone(self.now())) {
            self.pass(VOID_AFTER_SECONDS);
            self.read_all_again().await?;
        }
        let view = self.eye.look().await;
        self.compare_rows(&view).map_err(|problem| format!("read all again: {problem}"))?;
        self.what_shows_is_not_missed(&view)?;
        self.nothing_is_provisional(&view)
    }

    /// Whatever was seen again is no longer noted as absent: the next time counts from its own beginning.
    fn what_shows_is_not_missed(&self, view: &View) -> Result<(), String> {
        for (account, creator) in &view.creators {
            let gone = self.facts[account].iter().filter(|fact| fact.is_gone(self.now()));
            let gone = count(gone.flat_map(|fact| fact.contents().collect::<BTreeSet<_>>()));
            let absent = creator.absent.iter().filter_map(|id| creator.rows.get(id));
            for (content, absent) in count(absent.map(RowView::content)) {
                if gone.get(&content).copied().unwrap_or(0) < absent {
                    return Err(format!("{account}: {content:?} shows, and is noted as absent"));
                }
            }
        }
        Ok(())
    }

    /// Every sale that a webhook told of is settled by its row, if that still tells the same.
    fn nothing_is_provisional(&self, view: &View) -> Result<(), String> {
        for (account, creator) in &view.creators {
            let left = |hint: &&HintView| hint.state == "open" || hint.state == "unmatched";
            // Gone, or at another price than the webhook told.
            let differs = |fact: &Fact| !fact.gone.is_empty() || !fact.before.is_empty();
            let may_stay = self.facts[account].iter().any(differs);
            if let Some(hint) = creator.hints.iter().find(left).filter(|_| !may_stay) {
                return Err(format!("{account}: no row settled {hint:?}"));
            }
        }
        Ok(())
    }

    async fn read_all_again(&mut self) -> Result<(), String> {
        for who in 0..self.accounts.len() {
            self.play(&Op::AsksForHistory { who }).await?;
        }
        self.settle().await
    }

    fn heal(&mut self) {
        self.sim.clear_faults();
        // Where nothing was taken back, every generation tells all, and this one is as good.
        if self.facts.values().flatten().any(Fact::is_reversal) {
            self.settings(&json!({"rows": "v1"}));
        }
        self.settings(&json!({
            "v1": true, "rateLimit": 100_000, "retryAfter": true,
            "cursorTtlSeconds": null, "tokenSeconds": 3600, "graceSeconds": 30,
            "withheldScopes": [], "idlessRewards": false, "idlessReversals": false,
        }));
        self.clock.set_off(0);
        let facts = || self.facts.values().flatten();
        let shown_at = facts().map(|fact| fact.visible_at);
        let good = self.now() + SignedDuration::from_hours(FOR_GOOD_HOURS);
        let back_at = facts().flat_map(|fact| fact.gone.last()).map(|(_, until)| *until);
        let shown_at = shown_at.chain(back_at.filter(|until| *until < good));
        let latest = shown_at.chain([self.oracle.latest_ours(), self.now()]).max();
        let wait = latest.map_or(0, |at| at.duration_since(self.now()).as_secs());
        self.pass(wait);
    }

    /// Ticks until every creator is complete as of the tick; reconnects if that is what is missing.
    async fn settle(&mut self) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..TICKS_MAX {
            self.pass(600);
            let now = self.clock.ours();
            self.play(&Op::Tick).await?;
            let report = self.happened.report.take().ok_or("a tick without a report")?;
            let view = self.eye.look().await;
            let is = |state| report.creators.iter().any(|creator| creator.state == state);
            // Totals confirm a creator and leave its as-of time where the last read set it.
            let confirmed = self.asks_totals
                && report.creators.iter().all(|creator| creator.state == CreatorState::Complete);
            if confirmed || view.creators.values().all(|creator| Some(now) <= creator.as_of) {
                return Ok(());
            }
            if is(CreatorState::Disconnected) || is(CreatorState::Parked) {
                self.play(&Op::Reconnects).await?;
            }
            last = format!("{:?}", report.creators);
        }
        Err(format!("not complete after {TICKS_MAX} ticks with nothing in the way: {last}"))
    }

    fn compare(&self, view: &View) -> Result<(), String> {
        for (account, creator) in &view.creators {
            let facts = &self.facts[account];
            let (earnings, nonsense): (Vec<_>, Vec<_>) =
                facts.iter().partition(|fact| fact.is_earning());
            let (gone, there): (Vec<&Fact>, Vec<&Fact>) =
                earnings.iter().partition(|fact| fact.is_gone(self.now()));
            let truth = count(there.iter().map(|fact| fact.content()));
            let may_stay = gone.iter().filter(|fact| !self.must_be_void(fact, facts));
            let gone = count(may_stay.flat_map(|fact| fact.contents().collect::<BTreeSet<_>>()));
            let held = count(creator.rows.values().map(RowView::content));
            let excused = there.iter().filter(|fact| self.is_excused(*account, fact));
            let excused: BTreeMap<Content, usize> = count(excused.map(|fact| fact.content()));
            for (content, owed) in &truth {
                let held = held.get(content).copied().unwrap_or(0);
                if held + excused.get(content).copied().unwrap_or(0) < *owed {
                    return Err(format!("{account}: {owed} of {content:?}, in the ledger {held}"));
                }
            }
            for (content, held) in &held {
                let count_of = |counts: &BTreeMap<_, _>| counts.get(content).copied().unwrap_or(0);
                let owed = count_of(&truth);
                if owed + count_of(&gone) < *held {
                    return Err(format!("{account}: {owed} of {content:?}, in the ledger {held}"));
                }
            }
            self.compare_rejects(creator, &nonsense)
                .map_err(|problem| format!("{account}: {problem}"))?;
        }
        Ok(())
    }

    /// Whether ordinary ticks need not have found it: an older generation hid it, or it came back to a
    /// place where the look back no longer reaches.
    fn is_excused(&self, account: uuid::Uuid, fact: &Fact) -> bool {
        let age = self.now().duration_since(fact.at);
        let is_far = SignedDuration::from_hours(LOOKED_BACK_HOURS) < age;
        self.oracle.may_be_hidden(account, fact) || !fact.gone.is_empty() && is_far
    }

    /// Whether ordinary ticks must have missed it twice, in two daily look backs.
    fn must_be_void(&self, fact: &Fact, facts: &[Fact]) -> bool {
        let age = self.now().duration_since(fact.at);
        let has_ids = matches!(self.sim.settings().rows, Rows::G2 | Rows::V1);
        proves_absence(facts) && has_ids && age < SignedDuration::from_hours(LOOKED_BACK_HOURS)
    }

    /// Every row that is no earning was kept, and nothing else was.
    fn compare_rejects(&self, creator: &CreatorView, nonsense: &[&Fact]) -> Result<(), String> {
        let kept: Vec<Value> =
            creator.rejects.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        for fact in nonsense {
            if fact.raw.as_ref().is_none_or(|raw| !kept.contains(raw)) {
                return Err(format!("{:?} was not kept", fact.raw));
            }
        }
        let is_nonsense = |kept: &&Value| nonsense.iter().any(|f| f.raw.as_ref() == Some(*kept));
        match kept.iter().find(|kept| !is_nonsense(kept)) {
            Some(row) if !self.oracle.clock_was_off() => Err(format!("{row} was rejected")),
            _ => Ok(()),
        }
    }

    async fn compare_dashboard(&mut self) -> Result<(), String> {
        let ctx = std::sync::Arc::clone(&self.process(0).ctx);
        let request = http::Request::get("/api/analytics/dashboard?timeRange=all")
            .header("authorization", format!("Bearer {SECRET}"));
        let response = crate::world::route(&ctx, request.body(Bytes::new()).unwrap()).await;
        canary::check_answer(&response);
        self.eye.search_secrets().await?;
        let body: Value = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        let view = self.eye.look().await;
        let total = view.total(self.clock.ours());
        let shown = &body["kpiMetrics"]["totalRevenueCents"];
        let is_exact = view.creators.values().all(|creator| creator.rejects.is_empty());
        if *shown != total || body["freshness"]["exact"] != is_exact {
            return Err(format!("the dashboard shows {shown} for {total}: {body}"));
        }
        Ok(())
    }

    /// Row by row, by id, with every attribute.
    fn compare_rows(&self, view: &View) -> Result<(), String> {
        for (account, creator) in &view.creators {
            let truth = self.sim.rows(*account, self.now());
            let earnings = truth.iter().filter(|row| row.raw.is_none());
            let mut rows: BTreeMap<&str, &RowView> =
                creator.rows.values().map(|row| (row.key.as_str(), row)).collect();
            for told in earnings {
                let fact = self.facts[account].iter().find(|f| f.id == told.transaction_order_id);
                let fact = fact.ok_or_else(|| format!("{told:?} is not known to the test"))?;
                let Some(row) = rows.remove(told.transaction_order_id.as_str()) else {
                    return Err(format!("{account}: {told:?} is not in the ledger"));
                };
                if !is_told(row, told, fact) {
                    return Err(format!("{account}: {row:?} is told as {told:?}"));
                }
            }
            let (facts, now) = (&self.facts[account], self.now());
            let proves = proves_absence(facts);
            let gone = facts.iter().filter(|fact| fact.is_gone(now)).count();
            if let Some((_, row)) = rows.first_key_value()
                && (proves || gone < rows.len())
            {
                return Err(format!("{account}: {row:?} is not on the platform"));
            }
        }
        Ok(())
    }
}

/// A history that is no single read, or holds what can't be read, proves no absence.
fn proves_absence(facts: &[Fact]) -> bool {
    facts.len() < ROWS_PROVED_MAX && facts.iter().all(Fact::is_earning)
}

/// A row that was once taken for an equal one keeps that one's attributes where it has none itself.
fn is_told(row: &RowView, told: &TrueRow, fact: &Fact) -> bool {
    let text = |id: &Option<uuid::Uuid>| id.map(|id| id.to_string());
    let says = |held: &Option<String>, told: Option<String>| told.is_none() || *held == told;
    let status = row.status.as_deref() == Some(&told.transaction_order_status);
    row.content() == fact.content()
        && (fact.gross, fact.net) == (told.gross, told.net)
        && (told.total.is_none() || row.total == told.total)
        && says(&row.currency, told.currency.as_ref().map(|currency| currency.to_uppercase()))
        && says(&row.message, text(&told.message_uuid))
        && says(&row.post, text(&told.post_uuid))
        && says(&row.reverses, told.reversed_transaction_order_id.clone())
        && (status || fact.was_set_back)
}
