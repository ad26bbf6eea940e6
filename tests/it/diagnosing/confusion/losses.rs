//! What is done to the database, which Heartbeat would not do: see the module above. First what is taken away or
//! put in with its sums, while all sums still follow from the rows; then what contradicts them.

use jiff::Timestamp;
use rand::RngExt;
use simulator::NewSale;

use super::{
    cast::{DAY, HOUR},
    play::Play,
};
use crate::diagnosing::shift;

/// Where the agency counts its days.
const ZONE: &str = "Europe/Rome";

impl Play {
    /// Sells rows that will be lost, doubled or changed once they are booked.
    pub(super) fn prepare_losses(&mut self) {
        for _ in 0..self.dice.random_range(1..4) {
            // Older than anything that a look back reaches.
            let at = self.ago(100 * HOUR..300 * DAY);
            self.sell_victim("unknown", at, ("tip", "USD", 1));
        }
        for name in ["duplicate_rows", "manual_edit", "drifted_rollup", "reversal_not_seen"] {
            let at = self.ago(2 * HOUR..200 * DAY);
            self.sell_victim(name, at, ("tip", "USD", 1));
        }
        let at = self.ago(2 * HOUR..200 * DAY);
        let currency = ["BRL", "EUR", "GBP", "JPY", "CAD"][self.dice.random_range(0..5)];
        self.sell_victim("currency", at, ("message", currency, 1));
        let at = self.ago(2 * HOUR..200 * DAY);
        let twins = self.dice.random_range(2..4);
        self.sell_victim("page_edge_loss", at, ("giveaway", "USD", twins));
    }

    fn sell_victim(
        &mut self,
        name: &str,
        at: Timestamp,
        (source, currency, twins): (&str, &str, u32),
    ) {
        let sale = NewSale {
            gross_cents: Some(self.cents()),
            source: Some(source.to_owned()),
            fan: Some("dora".to_owned()),
            currency: Some(currency.to_owned()),
            at: Some(at.to_string()),
            twins: Some(twins),
            ..NewSale::of(self.account(name))
        };
        let rows = self.world.sim.sell(&sale, self.world.now()).unwrap();
        self.victims.entry(name.to_owned()).or_default().extend(rows);
    }

    /// What every act needs of the row it is done to: its key, its gross, and whose it is.
    async fn victim(&self, name: &str) -> (String, i64, String) {
        let row = &self.victims[name][0];
        (row.transaction_order_id.clone(), row.gross, self.model(name).await)
    }

    pub(super) async fn lose_and_change(&mut self) {
        self.lose_with_sums().await;
        self.double_a_row().await;
        self.book_what_the_fan_paid().await;
        self.take_back_late();
        self.drift_sums().await;
        self.edit_by_hand().await;
    }

    async fn lose_with_sums(&mut self) {
        let rows = self.victims["unknown"].clone();
        let keys: Vec<_> =
            rows.iter().map(|row| format!("'{}'", row.transaction_order_id)).collect();
        let model = self.model("unknown").await;
        let which =
            format!("model_id = '{model}' and fanvue_transaction_id in ({})", keys.join(", "));
        self.world.lose_rows(&which).await;
        self.case("unknown", -rows.iter().map(|row| row.gross).sum::<i64>());

        if self.dice.random_bool(0.25) {
            let (key, gross, model) = self.victim("manual_edit").await;
            let which = format!("model_id = '{model}' and fanvue_transaction_id = '{key}'");
            self.world.take_rows_by_hand(&which).await;
            self.case("manual_edit", -gross);
        }

        let twins = self.victims["page_edge_loss"].clone();
        let model = self.model("page_edge_loss").await;
        let which = format!(
            "model_id = '{model}' and transaction_date = '{}' and fanvue_transaction_id like '~%'
                 and right(fanvue_transaction_id, 2) <> '~1'",
            twins[0].date
        );
        self.world.lose_rows(&which).await;
        self.case("page_edge_loss", -twins[1..].iter().map(|row| row.gross).sum::<i64>());
    }

    async fn double_a_row(&mut self) {
        let (key, gross, model) = self.victim("duplicate_rows").await;
        let double = format!(
            "with copy as (
                 insert into fanvue_transactions
                     (agency_id, model_id, fanvue_transaction_id, transaction_date,
                      transaction_type, amount_cents, net_cents, fan_id, created_at, synced_at)
                 select agency_id, model_id, '~000000000000000000000000~1', transaction_date,
                        transaction_type, amount_cents, net_cents, fan_id, created_at, synced_at
                   from fanvue_transactions
                  where model_id = '{model}' and fanvue_transaction_id = '{key}' returning *
             ), daily as (
                 update revenue_daily r
                    set gross_cents = r.gross_cents + c.amount_cents,
                        net_cents = r.net_cents + c.net_cents,
                        transaction_count = r.transaction_count + 1
                   from copy c
                  where r.model_id = c.model_id and r.source = c.transaction_type
                    and r.day = (c.transaction_date at time zone '{ZONE}')::date
             )
             update models m
                set revenue_total_cents = m.revenue_total_cents + c.amount_cents,
                    net_total_cents = m.net_total_cents + c.net_cents,
                    transactions_total = m.transactions_total + 1
               from copy c where m.id = c.model_id"
        );
        self.world.db.sql(&double).await;
        self.world.db.sql("select recount_fan_days(id, timezone) from agencies").await;
        self.world.check().await;
        self.case("duplicate_rows", gross);
    }

    async fn book_what_the_fan_paid(&mut self) {
        let row = &self.victims["currency"][0];
        let (key, too_much) = (row.transaction_order_id.clone(), row.total.unwrap() - row.gross);
        shift(&self.world, &key, too_much).await;
        self.case("currency", too_much);
    }

    /// A refund of a time that was read shows only now.
    fn take_back_late(&mut self) {
        let row = self.victims["reversal_not_seen"][0].clone();
        let sold_at: Timestamp = row.date.parse().unwrap();
        let seconds = self.world.now().duration_since(sold_at).as_secs();
        let at = self.ago(1_200..seconds);
        let reversal = self.take_back(self.account("reversal_not_seen"), &row, at);
        self.case("reversal_not_seen", -reversal.gross);
    }

    async fn drift_sums(&mut self) {
        let model = self.model("drifted_total").await;
        let (off, sign) = (self.cents(), [1, -1][self.dice.random_range(0..2)]);
        let drift = format!(
            "update models set revenue_total_cents = revenue_total_cents + {} where id = '{model}'",
            off * sign
        );
        self.world.db.sql(&drift).await;
        self.case("drifted_total", off * sign);

        let (key, gross, model) = self.victim("drifted_rollup").await;
        // A sum that lost some of it, or has some twice.
        let off = self.dice.random_range(1..=gross) * sign;
        let row = format!("t.model_id = '{model}' and t.fanvue_transaction_id = '{key}'");
        // In every other world it is those beside the days.
        let drift = match self.seed % 2 {
            0 => drift_day(&row, off),
            _ => drift_coarse(&row, off),
        };
        self.world.db.sql(&drift).await;
        self.case("drifted_rollup", off);
    }

    /// What is shown stays right, so the row and the sum are wrong by as much; unless the row was taken with
    /// its sums.
    async fn edit_by_hand(&mut self) {
        if self.cases.iter().any(|case| case.cause == "manual_edit") {
            return;
        }
        let (key, gross, model) = self.victim("manual_edit").await;
        let row = format!("model_id = '{model}' and fanvue_transaction_id = '{key}'");
        let (off, edit) = match self.dice.random_range(0..3) {
            0 => (-gross, format!("delete from fanvue_transactions where {row}")),
            way => {
                let off = self.dice.random_range(1..gross) * if way == 1 { 1 } else { -1 };
                let set = format!("amount_cents = amount_cents + {off}");
                (off, format!("update fanvue_transactions set {set} where {row}"))
            }
        };
        self.world.db.sql(&edit).await;
        self.case("manual_edit", 0).part = Some(off);
    }
}

/// The day's sum and the total are off; whatever is kept beside the days follows.
fn drift_day(row: &str, off: i64) -> String {
    format!(
        "with day as (
             update revenue_daily r set gross_cents = r.gross_cents + {off}
               from fanvue_transactions t
              where {row} and r.model_id = t.model_id and r.source = t.transaction_type
                and r.day = (t.transaction_date at time zone '{ZONE}')::date
         )
         update models m set revenue_total_cents = m.revenue_total_cents + {off}
           from fanvue_transactions t where {row} and m.id = t.model_id"
    )
}

/// Days and total are right, and all sums that are kept beside them are off, as those are that a trigger which
/// was switched off did not keep: the creator's own, and those of all creators together.
fn drift_coarse(row: &str, off: i64) -> String {
    format!(
        "update revenue_sums s set gross_cents = s.gross_cents + {off}
           from fanvue_transactions t
          cross join lateral (
                select (t.transaction_date at time zone '{ZONE}')::date as day) as d
          where {row} and s.agency_id = t.agency_id
            and (s.model_id = t.model_id or s.model_id is null)
            and (s.source = t.transaction_type or s.source is null)
            and s.day = case s.span when 'day' then d.day
                                    else date_trunc('month', d.day::timestamp)::date end"
    )
}
