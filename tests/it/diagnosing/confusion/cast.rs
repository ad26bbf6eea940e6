//! Who is in a world, and what they earned before anything happens to them.

use std::{collections::BTreeMap, ops::Range};

use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use simulator::{NewCreator, NewRefund, NewSale, TrueRow};
use uuid::Uuid;

use super::play::Play;
use crate::{
    login::browser::{Browser, link},
    world::World,
};

pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

/// Whom the agency's account manages: fewer than the heartbeat confirms by totals.
pub(super) const MANAGED: [&str; 21] = [
    "control 1",
    "control 2",
    "backfill_unfinished",
    "stale_checkpoint",
    "interrupted_run",
    "rate_limited",
    "wrong_endpoint",
    "late_rows",
    "missed_webhook",
    "unmatched_webhook",
    "duplicate_rows",
    "page_edge_loss",
    "reversal_not_seen",
    "summary_versus_rows",
    "currency",
    "time_zone_edge",
    "manual_edit",
    "drifted_total",
    "drifted_rollup",
    "rejected_row",
    "unknown",
];

/// Managed as well: its row lies in the future.
pub(super) const AHEAD: &str = "clock_skew";

/// Who connected their own accounts. Somebody who was never read follows later.
pub(super) const OWN: [&str; 4] =
    ["control own", "token_expired", "token_revoked", "scope_missing"];

/// What fans pay for.
const SALES: [&str; 6] = ["tip", "message", "post", "subscription", "renewal", "mediaLink"];

impl Play {
    /// Creators with their pasts, whom nobody reads yet.
    pub(super) async fn cast(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let world = World::empty().await;
        // Rows of rewards have no ids: of equal ones only the number is known.
        world.settings(json!({"idlessRewards": true}));
        world.advance(dice.random_range(0..3 * DAY));
        let begun = world.now();
        let (cast, victims) = (BTreeMap::new(), BTreeMap::new());
        let mut play = Self { seed, world, dice, begun, cast, cases: vec![], victims };
        for name in MANAGED.into_iter().chain([AHEAD]).chain(OWN) {
            play.hire(name);
        }
        play
    }

    /// A creator with some sales, some of which were taken back.
    pub(super) fn hire(&mut self, name: &str) {
        let new = NewCreator { name: Some(name.to_owned()), ..NewCreator::default() };
        let account = self.world.sim.add_creator(&new, self.world.now()).unwrap();
        self.cast.insert(name.to_owned(), account);
        // A history of several pages within few days, or one page over many.
        let (rows, days) = match name {
            "backfill_unfinished" => (self.dice.random_range(110..160), 40),
            _ => (self.dice.random_range(14..26), self.dice.random_range(20..300)),
        };
        let mut sold = vec![];
        for _ in 0..rows {
            let at = self.ago(HOUR..days * DAY);
            let is_reward = self.dice.random_range(0..10) == 0;
            let (source, fan) = match is_reward {
                true => ("referral", "none"),
                false => (SALES[self.dice.random_range(0..SALES.len())], "bea"),
            };
            let sale = NewSale {
                gross_cents: Some(self.cents()),
                source: Some(source.to_owned()),
                fan: Some(fan.to_owned()),
                at: Some(at.to_string()),
                ..NewSale::of(account)
            };
            let row = self.world.sim.sell(&sale, self.world.now()).unwrap().remove(0);
            sold.extend((!is_reward).then_some((at, row)));
        }
        let least = usize::from(name == "summary_versus_rows");
        let reversed = self.dice.random_range(least..4);
        for (at, row) in sold.into_iter().take(reversed) {
            let seconds = self.world.now().duration_since(at).as_secs();
            let at = self.ago(60..seconds);
            self.take_back(account, &row, at);
        }
    }

    pub(super) fn take_back(&mut self, account: Uuid, row: &TrueRow, at: Timestamp) -> TrueRow {
        let kind = ["refund", "chargeback"][self.dice.random_range(0..2)];
        let refund = NewRefund {
            order_id: Some(row.transaction_order_id.clone()),
            creator: Some(account),
            kind: Some(kind.to_owned()),
            at: Some(at.to_string()),
            ..NewRefund::default()
        };
        self.world.sim.refund(&refund, self.world.now()).unwrap().remove(0)
    }

    /// A sale in US dollars at that instant.
    pub(super) fn sell(&mut self, name: &str, at: Timestamp) -> TrueRow {
        let sale = NewSale {
            gross_cents: Some(self.cents()),
            source: Some(SALES[self.dice.random_range(0..SALES.len())].to_owned()),
            fan: Some("cleo".to_owned()),
            currency: Some("USD".to_owned()),
            at: Some(at.to_string()),
            ..NewSale::of(self.account(name))
        };
        self.world.sim.sell(&sale, self.world.now()).unwrap().remove(0)
    }

    /// Up to three sales at this moment; what they are worth.
    pub(super) fn sell_some(&mut self, name: &str) -> i64 {
        let count = self.dice.random_range(1..4);
        (0..count).map(|_| self.sell(name, self.world.now()).gross).sum()
    }

    /// A price from $3 to $200.
    pub(super) fn cents(&mut self) -> i64 {
        self.dice.random_range(300..20_000)
    }

    /// An instant so many seconds before now.
    pub(super) fn ago(&mut self, seconds: Range<i64>) -> Timestamp {
        let ms = self.dice.random_range(seconds.start * 1_000..seconds.end * 1_000);
        self.world.now() - SignedDuration::from_millis(ms)
    }

    /// The creator connects her own account in a browser, as the link says.
    pub(super) async fn connect_own(&self, name: &str, query: &str) {
        self.consent(&self.account(name).to_string(), query).await;
    }

    /// Somebody follows a link and agrees for that account.
    pub(super) async fn consent(&self, account: &str, query: &str) {
        self.world.settings(json!({"consentAs": account}));
        let link = link(&self.world, query).await;
        let page = Browser::default().follow(&self.world, &link).await;
        assert_eq!(page.status, 200, "{}", page.text);
    }
}
