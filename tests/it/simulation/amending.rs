//! Rows that change, vanish, or are no earnings.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Amendment, RawRow};

use super::{scene::Scene, truth::Fact};

/// How old a row may be whose price is corrected: the daily look back still finds it.
const CORRECTED_HOURS_MAX: i64 = 40;

impl Scene<'_> {
    pub fn amend_status(&mut self, who: usize, nth: usize, back: bool) {
        let (creator, now) = (self.account(who), self.now());
        let Some(fact) = self.sale(who, nth, |fact| fact.is_earning()) else { return };
        fact.was_set_back |= back;
        let status = if back { "pendingBalance" } else { "availableForPayout" };
        let order_id = fact.id.clone();
        let change = Amendment { order_id, status: Some(status.into()), ..Amendment::default() };
        self.sim.amend(&change, now).unwrap_or_else(|e| panic!("{creator}: {e}"));
    }

    pub fn amend_amount(&mut self, who: usize, nth: usize, cents: i64) {
        let now = self.now();
        let recent = now - SignedDuration::from_hours(CORRECTED_HOURS_MAX);
        let wanted = |fact: &Fact| {
            fact.is_earning() && !fact.is_reversal() && fact.visible_at <= now && recent <= fact.at
        };
        let Some(fact) = self.sale(who, nth, wanted) else { return };
        fact.before.push((fact.gross, fact.net));
        fact.gross = (fact.gross + cents).max(0);
        fact.net = fact.gross * 4 / 5;
        let change = Amendment {
            order_id: fact.id.clone(),
            gross_cents: Some(fact.gross),
            net_cents: Some(fact.net),
            ..Amendment::default()
        };
        self.sim.amend(&change, now).unwrap();
    }

    /// At most one of her rows is gone for long: a read that lacks many rows at once is no proof, and
    /// neither is one that lacks all.
    pub fn vanish(&mut self, who: usize, nth: usize, seconds: u32) {
        let now = self.now();
        let until = now + SignedDuration::from_secs(i64::from(seconds));
        let shows = |fact: &Fact| fact.is_earning() && fact.visible_at <= now && !fact.is_gone(now);
        let facts = &self.facts[&self.account(who)];
        let others = facts.iter().filter(|fact| shows(fact)).count();
        let is_taken = facts.iter().any(Fact::was_gone_long);
        let after = |fact: &Fact| {
            let mut after = fact.clone();
            after.gone.push((now, until));
            after
        };
        let may = |fact: &Fact| {
            shows(fact) && !fact.is_reversal() && !(is_taken && after(fact).was_gone_long())
        };
        if others < 3 {
            return;
        }
        let Some(fact) = self.sale(who, nth, may) else { return };
        fact.gone.push((now, until));
        let order_id = fact.id.clone();
        let change = Amendment { order_id, hidden_seconds: Some(seconds), ..Amendment::default() };
        self.sim.amend(&change, now).unwrap();
    }

    /// The n-th latest of her rows that are wanted, counted around.
    fn sale(
        &mut self,
        who: usize,
        nth: usize,
        wanted: impl Fn(&Fact) -> bool,
    ) -> Option<&mut Fact> {
        let facts = self.facts.get_mut(&self.accounts[who % self.accounts.len()])?;
        let found: Vec<_> = (0..facts.len()).rev().filter(|i| wanted(&facts[*i])).collect();
        let index = found.get(nth % found.len().max(1))?;
        facts.get_mut(*index)
    }

    pub fn put_nonsense(&mut self, who: usize, kind: usize) {
        let (creator, now) = (self.account(who), self.now());
        let date = format!("{now:.3}");
        // Every one is told apart by its date, or else is the same one seen again.
        let nonsense = [
            json!({"date": date, "gross": 10.5, "net": 8, "currency": "USD", "source": "tip"}),
            json!({"date": date, "net": 800, "currency": "USD", "source": "tip", "user": null}),
            json!({"date": date, "gross": 1000, "net": 800, "source": "lottery", "user": null}),
            json!({"date": "2099-01-01T00:00:00.000Z", "gross": 1, "net": 1, "source": "tip"}),
            json!({"date": date, "gross": 1000, "net": 800, "source": "refund", "user": null}),
            json!(format!("maintenance since {date}")),
        ];
        let row: Value = nonsense[kind % nonsense.len()].clone();
        let raw = RawRow { creator, row: row.clone(), ..RawRow::default() };
        let id = self.sim.raw_row(&raw, now).unwrap();
        let at = jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap();
        let fact = Fact {
            id,
            step: self.happened.step,
            at,
            visible_at: at,
            source: String::new(),
            gross: 0,
            net: 0,
            fan: None,
            before: vec![],
            gone: vec![],
            raw: Some(row),
            was_set_back: false,
        };
        self.facts.entry(creator).or_default().push(fact);
    }
}
