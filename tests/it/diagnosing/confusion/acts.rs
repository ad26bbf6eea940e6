//! What happens to the creators, in the order in which it does. An access token is exchanged after 48 minutes and
//! lasts 60, a creator is due every 15, and one answer is asked for in the end: that is what the minutes are for.

use app::scopes::asked;
use jiff::{SignedDuration, ToSpan, civil::Time, tz::TimeZone};
use rand::RngExt;
use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewEvent, NewFault, NewSale, RawCounts, RawRow};
use store::ConnectionKind;

use super::{
    cast::{DAY, HOUR, OWN},
    play::Play,
};
use crate::world::SECRET;

/// Where rows are read.
const EARNINGS: &str = "insights/earnings";

/// What a creator's own account is connected by.
const OWN_LINK: &str = "kind=creator";

/// How a read may fail that is no matter of waiting.
const FAILURES: [Fault; 5] =
    [Fault::Status(400), Fault::Status(503), Fault::Html, Fault::TruncatedJson, Fault::DropBefore];

impl Play {
    /// A world in which every cause has been brought about, at the moment to ask why.
    pub(super) async fn stage(seed: u64) -> Self {
        let mut play = Self::cast(seed).await;
        let dies = play.dice.random_bool(0.5);
        play.hold_back();
        play.world.connect().await;
        for name in OWN {
            play.connect_own(name, OWN_LINK).await;
        }
        play.until(60);
        play.world.tick().await;

        let minute = play.dice.random_range(10..30);
        play.until(minute * 60);
        play.sell_before_failures(dies);
        play.until(2_580);
        play.change_accounts().await;
        play.until(2_600);
        play.world.tick().await;

        let moment = play.dice.random_range(3_200..3_360);
        play.until(moment);
        play.tell().await;
        if dies {
            play.die().await;
        }
        let moment = play.dice.random_range(3_400..3_600);
        play.until(moment);
        play.sell_after_reading();
        play.lose_and_change().await;
        play.until(3_640);
        play.join().await;
        let moment = play.dice.random_range(3_660..3_900);
        play.until(moment);
        play.fail_again(dies).await;
        play
    }

    /// What Fanvue does not give in the first place, or gives in a form that nobody can book.
    fn hold_back(&mut self) {
        let later = Fault::Throttle { retry_after: Some(30) };
        self.hinder("backfill_unfinished", (EARNINGS, Some(2)), later);
        let gross = self.cents();
        let at = self.ago(HOUR..90 * DAY);
        let mut row = raw("to_rejected", gross, &at.to_string());
        match self.dice.random_range(0..2) {
            0 => row["source"] = json!("horoscope"),
            _ => row["net"] = json!("most of it"),
        }
        let raw = RawRow {
            creator: self.account("rejected_row"),
            row,
            at: Some(at.to_string()),
            counts: Some(RawCounts { gross_cents: gross, net_cents: gross / 2 }),
        };
        self.world.sim.raw_row(&raw, self.world.now()).unwrap();
        self.case("rejected_row", -gross);
        self.prepare_losses();
        self.prepare_edges();
    }

    /// Reversals that totals leave out, and a sale that is another day's in the agency's zone.
    fn prepare_edges(&mut self) {
        let today = self.world.now().to_zoned(TimeZone::UTC).date();
        let on = today.checked_sub(self.dice.random_range(3..200).days()).unwrap();
        let before = on.yesterday().unwrap().to_datetime(Time::constant(23, 30, 0, 0));
        for at in [before, on.to_datetime(Time::constant(12, 0, 0, 0))] {
            self.sell("time_zone_edge", at.to_zoned(TimeZone::UTC).unwrap().timestamp());
        }
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let rows = self.world.sim.rows(self.account("time_zone_edge"), self.world.now());
        let sum_in = |zone: &TimeZone| -> i64 {
            let is_of_day = |date: &str| {
                date.parse::<jiff::Timestamp>().unwrap().to_zoned(zone.clone()).date() == on
            };
            rows.iter().filter(|row| is_of_day(&row.date)).map(|row| row.gross).sum()
        };
        let edge = sum_in(&rome) - sum_in(&TimeZone::UTC);
        let rows = self.world.sim.rows(self.account("summary_versus_rows"), self.world.now());
        let left_out = rows.iter().map(|row| row.gross.min(0)).sum();
        self.case("time_zone_edge", edge).question =
            Some(format!("modelName=time_zone_edge&startDate={on}&endDate={on}&depth=rows"));
        self.case("summary_versus_rows", left_out).question =
            Some("modelName=summary_versus_rows&depth=totals".to_owned());
    }

    /// What is sold now will not be read.
    fn sell_before_failures(&mut self, dies: bool) {
        if !dies {
            let missing = self.sell_some("interrupted_run");
            self.case("interrupted_run", -missing);
        }
        let missing = self.sell_some("rate_limited");
        self.case("rate_limited", -missing);
        for name in ["wrong_endpoint", "token_revoked", "scope_missing"] {
            self.sell_some(name);
            // Nobody knows what it hides.
            self.case(name, 0);
        }
        let gross = self.cents();
        let date = self.begun + SignedDuration::from_secs(self.dice.random_range(3_200..9_000));
        let counts = Some(RawCounts { gross_cents: gross, net_cents: gross / 2 });
        let (creator, at) = (self.account("clock_skew"), Some(self.world.now().to_string()));
        let row = raw("to_ahead", gross, &date.to_string());
        self.world.sim.raw_row(&RawRow { creator, row, at, counts }, self.world.now()).unwrap();
        self.case("clock_skew", -gross);
    }

    /// Everybody connects again but one whose token ends soon; some accounts do not allow what they did.
    async fn change_accounts(&mut self) {
        self.world.connect().await;
        self.connect_own("control own", OWN_LINK).await;
        let mut less = asked(ConnectionKind::Creator);
        less.retain(|name| *name != "read:insights");
        self.world.ctx.config.fanvue_scopes = Some(less.into_iter().map(str::to_owned).collect());
        self.connect_own("scope_missing", OWN_LINK).await;
        self.world.ctx.config.fanvue_scopes = None;
        let revoked = self.account("token_revoked").to_string();
        self.world.sim.revoke(&revoked, self.world.now()).unwrap();
        let former = self.account("wrong_endpoint");
        self.world.settings(json!({"formerCreators": [former]}));
        let later = Fault::Throttle { retry_after: Some(self.dice.random_range(1_800..3_500)) };
        self.hinder("rate_limited", (EARNINGS, None), later);
        if self.cases.iter().any(|case| case.cause == "interrupted_run") {
            let failure = FAILURES[self.dice.random_range(0..FAILURES.len())].clone();
            self.hinder("interrupted_run", (EARNINGS, None), failure);
        }
    }

    /// Webhooks come: of a sale, which is read for it, and of one that there is no row of.
    async fn tell(&mut self) {
        self.refuse_tokens();
        self.listen(true);
        let told = NewSale {
            gross_cents: Some(self.cents()),
            source: Some("tip".into()),
            fan: Some("cleo".into()),
            currency: Some("USD".into()),
            ..NewSale::of(self.account("missed_webhook"))
        };
        self.world.sim.sell(&told, self.world.now()).unwrap();
        let gross = self.cents();
        let event = NewEvent {
            topic: "creator.payment.succeeded".into(),
            creator: Some(self.account("unmatched_webhook")),
            data: Some(
                json!({"id": "to_999999", "source": "tip", "gross": gross, "currency": "USD"}),
            ),
            ..NewEvent::default()
        };
        self.world.sim.event(&event, self.world.now()).unwrap();
        self.case("unmatched_webhook", gross);
        assert_eq!(self.world.deliver().await, [200, 200]);
        self.listen(false);
        self.world.advance(1);
        let (status, report) = self.world.get("/api/cron/sync-transactions", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        self.world.check().await;
    }

    /// What is sold, taken back or shown when all was read.
    fn sell_after_reading(&mut self) {
        let missing = self.sell_some("stale_checkpoint");
        self.case("stale_checkpoint", -missing);
        let missing = self.sell_some("missed_webhook");
        self.case("missed_webhook", -missing);
        self.sell_some("token_expired");
        self.case("token_expired", 0);
        let mut missing = 0;
        for _ in 0..self.dice.random_range(1..4) {
            let at = self.ago(1_200..96 * HOUR);
            missing += self.sell("late_rows", at).gross;
        }
        self.case("late_rows", -missing);
    }

    /// Fanvue works again, so somebody connects her account. She is not read yet.
    async fn join(&mut self) {
        self.world.sim.clear_faults();
        self.hire("never_synced");
        self.connect_own("never_synced", OWN_LINK).await;
        let earned = self.earned("never_synced");
        self.case("never_synced", -earned);
    }

    /// Fanvue gives no tokens again, and maybe nothing of one who could not be read.
    async fn fail_again(&mut self, dies: bool) {
        self.refuse_tokens();
        if !dies && self.dice.random_bool(0.5) {
            self.hinder("interrupted_run", (EARNINGS, None), Fault::Status(400));
        }
        let missing = self.held("backfill_unfinished").await - self.earned("backfill_unfinished");
        self.case("backfill_unfinished", missing);
    }

    /// What is asked about the creator fails so.
    fn hinder(&self, name: &str, (path, page): (&str, Option<u32>), fault: Fault) {
        let creator = Some(self.account(name));
        let matches = FaultMatch { path: Some(path.to_owned()), creator, page, nth: None };
        self.world.sim.fault(NewFault { matches, fault, times: None });
    }

    fn refuse_tokens(&self) {
        let matches = FaultMatch { path: Some("/oauth2/token".into()), ..FaultMatch::default() };
        self.world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    }

    pub(super) fn listen(&self, listens: bool) {
        let url = listens.then_some("http://127.0.0.1:1/api/webhooks/fanvue");
        self.world.settings(json!({"webhooks": {"url": url}}));
    }
}

/// A row as Fanvue sends it.
fn raw(id: &str, gross: i64, date: &str) -> Value {
    json!({
        "date": date, "gross": gross, "net": gross / 2, "currency": "USD", "source": "tip",
        "transactionOrderId": id, "user": null
    })
}
