//! What was written to a database, by the server's own count.

use super::stage::{numbers, settled};
use crate::Failure;

/// The ledger, and what follows from it. `models` is not among them: the totals in it change with these
/// only, and its as-of time with every read.
const MONEY: [&str; 9] = [
    "fanvue_transactions",
    "voided_transactions",
    "absent_transactions",
    "earning_rejects",
    "revenue_daily",
    "revenue_sums",
    "fan_days",
    "fan_counts",
    "money_changes",
];

/// Rows that were inserted, changed or deleted, and what that came to on its way to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Writes {
    /// In the tables of money.
    pub(super) money: u64,
    /// In all others: how far was read, request budgets, as-of times.
    pub(super) other: u64,
    /// Bytes of the server's log.
    pub(super) log_bytes: u64,
}

impl Writes {
    /// So far. Waits until nobody else is connected: until then not all is counted.
    pub(super) async fn of(url: &str) -> Result<Self, Failure> {
        settled(url).await?;
        let names = MONEY.map(|name| format!("'{name}'")).join(", ");
        let sql = format!(
            "select coalesce(sum(written) filter (where is_money), 0),
                    coalesce(sum(written) filter (where not is_money), 0),
                    (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
               from (select n_tup_ins + n_tup_upd + n_tup_del as written,
                            relname in ({names}) as is_money
                       from pg_stat_user_tables) as t"
        );
        let [money, other, log_bytes] = numbers(url, &sql).await?;
        Ok(Self { money, other, log_bytes })
    }

    /// Since an earlier look.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            money: self.money.saturating_sub(before.money),
            other: self.other.saturating_sub(before.other),
            log_bytes: self.log_bytes.saturating_sub(before.log_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_tables_of_money_are_there() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let files = std::fs::read_dir(folder).unwrap();
        let text: String =
            files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        for table in MONEY {
            assert!(text.contains(&format!("create table {table} (")), "{table}");
        }
    }

    #[test]
    fn what_was_written_before_is_no_part_of_it() {
        let look = |money, other, log_bytes| Writes { money, other, log_bytes };
        assert_eq!(look(7, 30, 900).since(look(7, 10, 400)), look(0, 20, 500));
    }
}
