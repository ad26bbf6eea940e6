//! Who looks at the database, over a connection of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::SecretString;
use store::{Options, Statements, Store};
use tokio_postgres::{Client, NoTls, Row, Statement, types::Type};
use uuid::Uuid;

use super::view::{CreatorView, HintView, RowView, StreamView, View};
use crate::world::{self, canary};

/// How often a dead process's connections are looked for before something is wrong.
const LOOKS_MAX: u32 = 100_000;

/// Seeds after which the server makes room.
const VACUUM_EVERY: u64 = 8;

/// A connection that only looks, and does what an operator or a dying process does.
pub struct Eye {
    client: Client,
    /// Questions of every look, prepared where the session stays.
    questions: Option<[Statement; 8]>,
    /// For those who look through our own code.
    pub store: Store,
    /// Seeds whose rows were deleted.
    forgotten: AtomicU64,
}

impl Eye {
    #[expect(clippy::disallowed_methods, reason = "prepared only where sessions stay")]
    pub async fn open(database_url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(database_url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let statements = world::kept_statements();
        let questions = match statements {
            Statements::Typed => None,
            Statements::Prepared => {
                let prepared = QUESTIONS.map(|sql| client.prepare(sql));
                let prepared = futures_util::future::try_join_all(prepared).await.unwrap();
                Some(prepared.try_into().unwrap())
            }
        };
        let options = Options { statements, ..Options::default() };
        let store = Store::open(&SecretString::from(database_url), options).unwrap();
        Self { client, questions, store, forgotten: AtomicU64::new(0) }
    }

    /// An empty database for the next seed.
    pub async fn forget_everything(&self) {
        let everything = "delete from agencies; delete from webhook_events";
        self.client.batch_execute(everything).await.unwrap();
        if self.forgotten.fetch_add(1, Ordering::Relaxed) % VACUUM_EVERY == VACUUM_EVERY - 1 {
            // The rows of seeds gone by make every look at a table slower.
            let tables = "vacuum fanvue_transactions, revenue_daily, revenue_sums, fan_days,
                                 fan_counts, sync_state, models, rate_budgets";
            self.client.batch_execute(tables).await.unwrap();
        }
    }

    /// No table holds a token, whatever failed on the way.
    pub async fn search_secrets(&self) -> Result<(), String> {
        let tables = self.client.query_typed(canary::TABLES, &[]).await.unwrap();
        let tables: Vec<String> = tables.iter().map(|row| row.get(0)).collect();
        let found = self.client.query_typed(&canary::search_sql(&tables), &[]).await.unwrap();
        let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
        if found.is_empty() { Ok(()) } else { Err(format!("{found:?} hold a secret")) }
    }

    /// Waits until the server has noticed that a process's connections are gone, and has rolled
    /// back what they had begun. Behind a pooler the server's own connections live on, idle.
    pub async fn bury(&self, process: &str) {
        let sql = "select count(*) from pg_stat_activity
                    where datname = current_database() and application_name = $1
                      and state <> 'idle' and pid <> pg_backend_pid()";
        for _ in 0..LOOKS_MAX {
            let rows = self.client.query_typed(sql, &[(&process, Type::TEXT)]).await.unwrap();
            if rows[0].get::<_, i64>(0) == 0 {
                return;
            }
        }
        panic!("{process} is dead and still works in the database");
    }

    /// An operator's SQL: this creator's history, please.
    pub async fn ask_for_history(&self, account: Uuid) {
        let sql = "update models set last_transaction_sync = null where fanvue_user_uuid = $1";
        let account = account.to_string();
        self.client.execute_typed(sql, &[(&account, Type::TEXT)]).await.unwrap();
    }

    /// An operator's SQL: another zone, and the agency's own one again.
    pub async fn move_and_return(&self) {
        let sql = "create temp table own on commit drop as select id, timezone from agencies;
                   update agencies set timezone = 'Asia/Kathmandu';
                   update agencies a set timezone = own.timezone from own where own.id = a.id";
        self.client.batch_execute(sql).await.unwrap();
    }

    /// Looks at everything.
    pub async fn look(&self) -> View {
        let answers = (0..QUESTIONS.len()).map(|number| self.ask(number));
        let answers: [_; QUESTIONS.len()] =
            futures_util::future::join_all(answers).await.try_into().unwrap();
        let [creators, rows, days, sums, fan_days, fans, rejects, hints] = answers;
        let mut view = View::default();
        for row in &creators {
            view.creators.insert(account(row), creator(row));
        }
        for row in &rows {
            let creator = view.creators.entry(account(row)).or_default();
            let id = row.get("id");
            if row.get("is_absent") {
                creator.absent.push(id);
            }
            creator.rows.insert(id, ledger_row(row));
        }
        for row in &days {
            let creator = view.creators.entry(account(row)).or_default();
            creator.days.insert(
                (row.get("day"), row.get("source")),
                (row.get("gross_cents"), row.get("net_cents"), row.get("transaction_count")),
            );
        }
        for row in &sums {
            view.sums.insert(
                (row.get("is_month"), row.get("day"), row.get("model_id"), row.get("source")),
                (row.get("gross_cents"), row.get("net_cents"), row.get("transaction_count")),
            );
        }
        for row in &fan_days {
            let creator = view.creators.entry(account(row)).or_default();
            creator.fan_days.insert((row.get("fan_id"), row.get("day")));
        }
        for row in &fans {
            let key = (row.get("model_id"), row.get("day"), row.get("before_day"));
            view.fans.insert(key, row.get("fan_count"));
        }
        for row in &rejects {
            view.creators.entry(account(row)).or_default().rejects.push(row.get("raw"));
        }
        for row in &hints {
            view.creators.entry(account(row)).or_default().hints.push(HintView {
                source: row.get("source"),
                gross: row.get("gross_cents"),
                fan: row.get("fan_id"),
                state: row.get("state"),
                at: row.get("at"),
                expires_at: row.get("expires_at"),
                family: row.get("family"),
            });
        }
        view
    }

    #[expect(clippy::disallowed_methods, reason = "prepared only where sessions stay")]
    async fn ask(&self, number: usize) -> Vec<Row> {
        let answer = match &self.questions {
            None => self.client.query_typed(QUESTIONS[number], &[]).await,
            Some(prepared) => self.client.query(&prepared[number], &[]).await,
        };
        answer.unwrap()
    }
}

const QUESTIONS: [&str; 8] = [CREATORS, ROWS, DAYS, SUMS, FAN_DAYS, FANS, REJECTS, HINTS];

const CREATORS: &str = "select m.id, m.fanvue_user_uuid, m.revenue_total_cents, m.net_total_cents,
        m.transactions_total, m.last_transaction_sync, s.stream::text as stream, s.watermark,
        (s.stream->>'read_to')::timestamptz as read_to, s.read_at, s.confirmed_at,
        coalesce(jsonb_array_length(s.stream->'windows'), 0) as open_windows, s.lease_token, s.lease_expires_at,
        coalesce(s.attempts, 0) as attempts, coalesce(s.refusals, 0) as refusals,
        s.parked_at is not null as is_parked, s.last_error,
        coalesce(c.state = 'revoked', false) as has_ended
   from models m
   left join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
   left join sync_state s
     on s.agency_id = m.agency_id and s.model_id = m.id and s.sync_type = 'earnings'";

const ROWS: &str = "select m.fanvue_user_uuid, t.id, t.fanvue_transaction_id, t.transaction_date,
        t.transaction_type, t.amount_cents, t.net_cents, t.fan_id, t.total_cents, t.currency,
        t.status, t.message_uuid, t.post_uuid, t.reverses_transaction_id,
        a.agency_id is not null as is_absent
   from fanvue_transactions t
   join models m on m.agency_id = t.agency_id and m.id = t.model_id
   left join absent_transactions a
     on (a.agency_id, a.model_id, a.fanvue_transaction_id)
      = (t.agency_id, t.model_id, t.fanvue_transaction_id)
  order by t.id";

const DAYS: &str = "select m.fanvue_user_uuid, d.day, d.source, d.gross_cents, d.net_cents,
        d.transaction_count
   from revenue_daily d join models m on m.agency_id = d.agency_id and m.id = d.model_id
  where (d.gross_cents, d.net_cents, d.transaction_count) <> (0, 0, 0)";

const SUMS: &str =
    "select span = 'month' as is_month, day, model_id, source, gross_cents, net_cents,
        transaction_count
   from revenue_sums
  where (gross_cents, net_cents, transaction_count) <> (0, 0, 0)";

const FAN_DAYS: &str = "select m.fanvue_user_uuid, f.fan_id, f.day
   from fan_days f join models m on m.agency_id = f.agency_id and m.id = f.model_id";

const FANS: &str = "select model_id, day, fan_count,
        case when isfinite(before_day) then before_day end as before_day
   from fan_counts where fan_count <> 0";

const REJECTS: &str = "select m.fanvue_user_uuid, r.raw
   from earning_rejects r join models m on m.agency_id = r.agency_id and m.id = r.model_id
  order by r.digest";

const HINTS: &str = "select m.fanvue_user_uuid, p.source, p.gross_cents, p.fan_id, p.state,
       p.at, p.expires_at, p.family
   from provisional_transactions p
   join models m on m.agency_id = p.agency_id and m.id = p.model_id
  order by p.at, p.event_key";

fn account(row: &Row) -> Uuid {
    row.get::<_, &str>("fanvue_user_uuid").parse().unwrap()
}

fn creator(row: &Row) -> CreatorView {
    CreatorView {
        id: row.get("id"),
        shown: (
            row.get("revenue_total_cents"),
            row.get("net_total_cents"),
            row.get("transactions_total"),
        ),
        as_of: row.get("last_transaction_sync"),
        has_ended: row.get("has_ended"),
        stream: StreamView {
            read_to: row.get("read_to"),
            read_at: row.get("read_at"),
            confirmed_at: row.get("confirmed_at"),
            open_windows: row.get("open_windows"),
            text: row.get::<_, Option<String>>("stream").unwrap_or_default(),
            watermark: row.get("watermark"),
            lease_token: row.get("lease_token"),
            lease_expires_at: row.get("lease_expires_at"),
            attempts: row.get("attempts"),
            refusals: row.get("refusals"),
            is_parked: row.get("is_parked"),
            last_error: row.get("last_error"),
        },
        ..CreatorView::default()
    }
}

fn ledger_row(row: &Row) -> RowView {
    RowView {
        key: row.get("fanvue_transaction_id"),
        at: row.get("transaction_date"),
        source: row.get("transaction_type"),
        gross: row.get("amount_cents"),
        net: row.get("net_cents"),
        fan: row.get("fan_id"),
        total: row.get("total_cents"),
        currency: row.get("currency"),
        status: row.get("status"),
        message: row.get("message_uuid"),
        post: row.get("post_uuid"),
        reverses: row.get("reverses_transaction_id"),
    }
}
