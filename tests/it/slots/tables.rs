//! What a month of disturbed schedules has to leave as a perfect one does, table by table.

use crate::world::database::Database;

/// Of the rows, of all that is derived of them, of the creators, of their audiences and of alerts all that
/// does not tell when it was written.
pub const ENDS: [&str; 15] = [
    "select m.fanvue_user_uuid, t.transaction_date, t.transaction_type, t.amount_cents, t.net_cents
       from fanvue_transactions t join models m on m.id = t.model_id order by 1, 2, 3, 4, 5",
    "select m.fanvue_user_uuid, d.day, d.source, d.gross_cents, d.net_cents, d.transaction_count
       from revenue_daily d join models m on m.id = d.model_id order by 1, 2, 3",
    "select m.fanvue_user_uuid, m.revenue_total_cents, m.net_total_cents, m.transactions_total,
            m.last_transaction_sync, s.watermark, s.parked_at, s.last_error,
            (select count(*) from earning_rejects), (select count(*) from voided_transactions)
       from models m join sync_state s on s.model_id = m.id order by 1",
    "select fanvue_user_uuid, subscribers_count, followers_count, unread_messages, posts_count, likes_count
       from models order by 1",
    "select m.fanvue_user_uuid, a.kind, a.as_of is null, a.attempts, a.refusals, a.parked_at, a.last_error,
            a.walk_pages
       from audience_streams a join models m on m.id = a.model_id order by 1, 2",
    "select s.title, a.kind, a.due_at, a.state, a.attempts, a.is_doubtful, a.reason
       from alerts a join (select id, title from shifts union all select id, title from content_tasks) s
         on s.id = a.subject_id order by 1, 2, 3",
    "select title, status from content_tasks union all select title, status from shifts order by 1, 2",
    "select m.fanvue_user_uuid, s.span, s.day, s.source, s.gross_cents, s.net_cents, s.transaction_count
       from revenue_sums s left join models m on m.id = s.model_id order by 1, 2, 3, 4",
    "select m.fanvue_user_uuid, f.fan_id, f.day
       from fan_days f join models m on m.id = f.model_id order by 1, 2, 3",
    "select m.fanvue_user_uuid, f.day, f.before_day, f.fan_count
       from fan_counts f left join models m on m.id = f.model_id order by 1, 2, 3",
    "select kind, state, routes, is_identified, refresh_intended_at is null, last_error
       from fanvue_connections order by 1, 2",
    "select m.fanvue_user_uuid, h.date, h.subscribers_count, h.followers_count, h.new_subscribers,
            h.cancelled_subscribers
       from subscriber_history h join models m on m.id = h.model_id order by 1, 2",
    "select m.fanvue_user_uuid, s.rank, s.fan_id, s.fan_handle, s.fan_display_name, s.gross_cents,
            s.net_cents, s.message_count
       from top_spenders s join models m on m.id = s.model_id order by 1, 2",
    "select m.fanvue_user_uuid, l.fanvue_uuid, l.name, l.link_url, l.external_social_platform,
            l.link_created_at, l.clicks, l.follows_count, l.subs_count, l.gross_cents, l.net_cents
       from tracking_links l join models m on m.id = l.model_id order by 1, 2",
    // The histories that nights read again.
    "select j.is_proof, c.outcome, m.fanvue_user_uuid
       from sync_jobs j join sync_job_creators c on c.agency_id = j.agency_id and c.job_id = j.id
       join models m on m.id = c.model_id order by 1, 2, 3",
];

/// Tables that no schedule has anything to put into here.
pub const EMPTY: [&str; 12] = [
    "absent_transactions",
    "earning_rejects",
    "expensive_calls",
    "fan_events",
    "fanvue_logins",
    "fanvue_used_codes",
    "proof_days",
    "provisional_transactions",
    "unread_messages",
    "upgrade_receipts",
    "voided_transactions",
    "webhook_events",
];

/// Tables that need not be the same: what of them depends on who asked when, and what the test wrote itself.
const LEFT_OUT: [&str; 8] = [
    // Requests that are left.
    "rate_budgets",
    // When a night's proof asked, whether it or a tick met a late row first, and in how many commits.
    "proofs",
    "proof_sums",
    "repairs",
    "money_changes",
    // The test's own.
    "agencies",
    "profiles",
    "timesheets",
];

#[tokio::test]
async fn every_table_is_compared_or_left_out_for_a_reason() {
    let db = Database::create().await;
    let tables = db.sql("select tablename from pg_tables where schemaname = 'public'").await;
    assert!(!tables.is_empty());
    for table in tables.into_iter().flatten() {
        let known = [
            ENDS.iter().any(|end| end.split_whitespace().any(|word| word == table)),
            EMPTY.contains(&table.as_str()),
            LEFT_OUT.contains(&table.as_str()),
        ];
        assert!(known.contains(&true), "what becomes of {table} in a month of slots?");
    }
}
