//! Accounts, creators, users, what is read, and what waits for somebody.

use super::{How, Seed, fault, warning};

const OTHER_KEYS: &str = "t2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const NO_REFRESH: &str = "create table kept as select id, refresh_sealed from fanvue_connections;
    update fanvue_connections set refresh_sealed = null";
const REFRESH: &str = "update fanvue_connections c set refresh_sealed = k.refresh_sealed
      from kept k where k.id = c.id;
    drop table kept";
const MOVED: &str = "create table kept as select id, access_sealed from fanvue_connections;
    update fanvue_connections set access_sealed = refresh_sealed";
const MOVED_BACK: &str = "update fanvue_connections c set access_sealed = k.access_sealed
      from kept k where k.id = c.id;
    drop table kept";
const PLAIN: &str = "update models set fanvue_refresh_token = 'plain'
     where id = (select id from models order by name limit 1)";
const UNMATCHED: &str = "insert into provisional_transactions
           (agency_id, model_id, event_key, family, at, source, gross_cents, state, expires_at,
            created_at)
    select agency_id, id, 'seed', 'creator', '2026-11-20T10:00:00Z', 'tip', 100, 'unmatched',
           '2026-11-20T11:00:00Z', '2026-11-20T10:00:00Z'
      from models order by name limit 1";
const REJECT: &str =
    "insert into earning_rejects (agency_id, model_id, digest, reason, raw, first_seen_at)
    select agency_id, id, 'seed', 'no amount', '{}', '2026-11-21T10:00:00Z'
      from models order by name limit 1";
const STUCK: &str = "insert into sync_jobs (id, agency_id, begun_at)
        select '00000000-0000-4000-8000-000000000001', id, '2026-11-19T10:00:00Z' from agencies;
    insert into sync_job_creators
           (agency_id, job_id, model_id, rows_known, cents_known, rows_ahead, rows_held)
    select agency_id, '00000000-0000-4000-8000-000000000001', id, 0, 0, 0, 0
      from models order by name limit 1";
const FAILED: &str = "insert into sync_jobs (id, agency_id, begun_at)
        select '00000000-0000-4000-8000-000000000001', id, '2026-11-21T10:00:00Z' from agencies;
    insert into sync_job_creators
           (agency_id, job_id, model_id, rows_known, cents_known, rows_ahead, rows_held, ended_at,
            outcome)
    select agency_id, '00000000-0000-4000-8000-000000000001', id, 0, 0, 0, 0,
           '2026-11-21T11:00:00Z', 'parked'
      from models order by name limit 1";
const NO_JOBS: &str = "delete from sync_jobs where id = '00000000-0000-4000-8000-000000000001'";
const EVENT_AWAY: &str = "delete from webhook_events where event_key = 'seed'";
const WAITING: &str = "insert into webhook_events (event_key, signed_at, received_at, state)
    values ('seed', '2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z', 'new')";
const QUARANTINED: &str =
    "insert into webhook_events (event_key, signed_at, received_at, state, reason)
    values ('seed', '2026-11-21T10:00:00Z', '2026-11-21T10:00:00Z', 'quarantined', 'no data')";
const GIVEN_UP: &str = "insert into alerts (agency_id, kind, subject_id, due_at, state, noted_at)
    select id, 'late_shift', id, '2026-11-21T10:00:00Z', 'failed', '2026-11-21T10:00:00Z' from agencies";
const POST: &str = "insert into content_tasks
           (agency_id, title, platform, content_type, status, scheduled_at)
    select id, 'seed', 'x', 'post', 'scheduled', '2026-11-20T12:00:00Z' from agencies";
const AUDIENCE_LATE: &str = "create table kept as
        select agency_id, model_id, kind, next_at, tried_at, paused_until from audience_streams;
    update audience_streams set next_at = '2026-11-20T10:00:00Z', tried_at = '2026-11-20T10:00:00Z',
           paused_until = null";
const AUDIENCE_BACK: &str = "update audience_streams s
       set next_at = k.next_at, tried_at = k.tried_at, paused_until = k.paused_until from kept k
     where (k.agency_id, k.model_id, k.kind) = (s.agency_id, s.model_id, s.kind);
    drop table kept";
/// Ticks take them up, and none comes to its end.
const AUDIENCE_OLD: &str = "update audience_streams set as_of = as_of - interval '1 day'";
const AUDIENCE_NEW: &str = "update audience_streams set as_of = as_of + interval '1 day'";
const AUDIENCE_UNREAD: &str = "create table kept as
        select agency_id, model_id, kind, as_of from audience_streams;
    update audience_streams set as_of = null;
    update fanvue_connections set created_at = created_at - interval '3 days';
    update models set created_at = created_at - interval '3 days'";
const AUDIENCE_READ: &str = "update audience_streams s set as_of = k.as_of from kept k
     where (k.agency_id, k.model_id, k.kind) = (s.agency_id, s.model_id, s.kind);
    update fanvue_connections set created_at = created_at + interval '3 days';
    update models set created_at = created_at + interval '3 days';
    drop table kept";
/// No tick has asked for what there is to read.
const AUDIENCE_NONE: &str = "create table kept as select * from audience_streams;
    delete from audience_streams";
const AUDIENCE_SOME: &str = "insert into audience_streams select * from kept; drop table kept";
const SHIFT: &str = "insert into profiles (id, agency_id, username, role)
    select '00000000-0000-4000-8000-000000000003', id, 'seed', 'chatter' from agencies;
    insert into shifts (agency_id, employee_id, start_time, end_time)
    select agency_id, id, '2026-11-20T12:00:00Z', '2026-11-20T20:00:00Z'
      from profiles where username = 'seed'";
const SHIFT_AWAY: &str = "delete from shifts where employee_id in
        (select id from profiles where username = 'seed');
    delete from profiles where username = 'seed'";
const FAILING: &str = "update sync_state set attempts = 5, last_error = 'it fails (502)'
     where model_id = (select id from models order by name limit 1)";
const NOT_FAILING: &str = "update sync_state set attempts = 0, last_error = null";
/// Another creator is as fresh as before.
const STALE: &str = "create table kept as select model_id, watermark, confirmed_at from sync_state;
    update sync_state set watermark = '2026-11-18T10:00:00Z', confirmed_at = '2026-11-18T10:00:00Z'
     where model_id = (select id from models order by name limit 1)";
/// The same, and Fanvue asks for a wait again and again.
const STALE_PAUSED: &str =
    "create table kept as select model_id, watermark, confirmed_at from sync_state;
    update sync_state set watermark = '2026-11-18T10:00:00Z', confirmed_at = '2026-11-18T10:00:00Z',
           paused_until = '2026-11-22T10:00:00Z'
     where model_id = (select id from models order by name limit 1)";
/// Nobody goes on with her history.
const UNREAD: &str =
    "create table kept as select model_id, watermark, confirmed_at, tried_at from sync_state;
    update fanvue_connections set created_at = created_at - interval '3 days';
    insert into proof_sums (agency_id, checked_at, tried_at)
    select id, '2026-11-21T02:00:00Z', '2026-11-21T02:00:00Z' from agencies;
    update sync_state set watermark = null, confirmed_at = null, tried_at = '2026-11-19T10:00:00Z'
     where model_id = (select id from models order by name limit 1)";
const READ: &str =
    "update sync_state s set tried_at = k.tried_at from kept k where k.model_id = s.model_id;
    update sync_state s set watermark = k.watermark, confirmed_at = k.confirmed_at
      from kept k where k.model_id = s.model_id;
    update fanvue_connections set created_at = created_at + interval '3 days';
    delete from proof_sums;
    drop table kept";
const FRESH: &str = "update sync_state s
       set watermark = k.watermark, confirmed_at = k.confirmed_at, paused_until = null
      from kept k where k.model_id = s.model_id;
    drop table kept";
const UNPROVED: &str = "update fanvue_connections set created_at = created_at - interval '3 days'";
const UNPROVED_BACK: &str =
    "update fanvue_connections set created_at = created_at + interval '3 days';
    delete from proof_sums";
const PROVED_LONG_AGO: &str =
    "update fanvue_connections set created_at = created_at - interval '3 days';
    insert into proof_sums (agency_id, checked_at, tried_at)
    select id, '2026-11-19T02:00:00Z', '2026-11-19T02:00:00Z' from agencies";
/// The sums were compared, and they alone.
const LEFT_OUT: &str = "update fanvue_connections set created_at = created_at - interval '3 days';
    update models set created_at = created_at - interval '3 days';
    insert into proof_sums (agency_id, checked_at, tried_at)
    select id, '2026-11-21T02:00:00Z', '2026-11-21T02:00:00Z' from agencies";
const LEFT_OUT_BACK: &str =
    "update fanvue_connections set created_at = created_at + interval '3 days';
    update models set created_at = created_at + interval '3 days';
    delete from proof_sums";
/// A night begins with the sums, and does not get through them.
const UNCHECKED: &str = "update fanvue_connections set created_at = created_at - interval '3 days';
    insert into proof_sums (agency_id, tried_at) select id, '2026-11-21T02:00:00Z' from agencies";
const SETTLED: &str = "insert into proof_days
           (agency_id, model_id, day, state, platform_cents, platform_net_cents, found_cents,
            found_net_cents, found_rows, ledger_cents, ledger_net_cents, ledger_rows, found_at,
            settled_at)
    select agency_id, id, '2026-11-18', 'settled', 100, 80, 0, 0, 0, 0, 0, 0,
           '2026-11-20T02:00:00Z', '2026-11-20T04:00:00Z'
      from models order by name limit 1";

fn accounts() -> Vec<Seed> {
    let after = |check, plant, undo| fault(check, How::Sql(plant, undo));
    vec![
        after(
            "connection-revoked",
            "update fanvue_connections set state = 'revoked'",
            "update fanvue_connections set state = 'active'",
        ),
        after(
            "connection-overdue",
            "update fanvue_connections set expires_at = expires_at - interval '2 days'",
            "update fanvue_connections set expires_at = expires_at + interval '2 days'",
        ),
        after("refresh-token-missing", NO_REFRESH, REFRESH),
        after(
            "scope-missing",
            "update fanvue_connections set scope = replace(scope, 'read:insights', 'read:nothing')",
            "update fanvue_connections set scope = replace(scope, 'read:nothing', 'read:insights')",
        ),
        fault("token-unreadable", How::Variables(&[("TOKEN_KEYS", Some(OTHER_KEYS))])),
        after("token-unreadable", MOVED, MOVED_BACK),
        after(
            "creators-unlisted",
            "update fanvue_connections set owes_import = true",
            "update fanvue_connections set owes_import = false",
        ),
        after("plain-token", PLAIN, "update models set fanvue_refresh_token = null"),
        warning(
            "creator-unconnected",
            How::Sql(
                "insert into models (agency_id, name) select id, 'Nobody' from agencies",
                "delete from models where name = 'Nobody'",
            ),
        ),
        after(
            "zone-unknown",
            "insert into agencies (name, timezone) values ('Nowhere', 'Mars/Olympus')",
            "delete from agencies where name = 'Nowhere'",
        ),
        warning(
            "user-role",
            How::Sql(
                "insert into profiles (id, agency_id, role)
                 select '00000000-0000-4000-8000-000000000002', id, 'Owner' from agencies",
                "delete from profiles where id = '00000000-0000-4000-8000-000000000002'",
            ),
        ),
    ]
}

fn work() -> Vec<Seed> {
    let after = |check, plant, undo| fault(check, How::Sql(plant, undo));
    vec![
        after(
            "sums-drift",
            "update models set revenue_total_cents = revenue_total_cents + 1",
            "update models set revenue_total_cents = revenue_total_cents - 1",
        ),
        after("rejects", REJECT, "delete from earning_rejects where digest = 'seed'"),
        warning(
            "sales-unmatched",
            How::Sql(UNMATCHED, "delete from provisional_transactions where event_key = 'seed'"),
        ),
        after(
            "tick-late",
            "update sync_state set tried_at = tried_at - interval '1 hour'",
            "update sync_state set tried_at = tried_at + interval '1 hour'",
        ),
        after("audience-late", AUDIENCE_LATE, AUDIENCE_BACK),
        after("audience-late", AUDIENCE_OLD, AUDIENCE_NEW),
        after("audience-late", AUDIENCE_UNREAD, AUDIENCE_READ),
        after("audience-late", AUDIENCE_NONE, AUDIENCE_SOME),
        after("late-shifts-late", SHIFT, SHIFT_AWAY),
        after("missed-posts-late", POST, "delete from content_tasks where title = 'seed'"),
        after(
            "stream-parked",
            "update sync_state set parked_at = '2026-11-21T10:00:00Z'",
            "update sync_state set parked_at = null",
        ),
        after("stream-failing", FAILING, NOT_FAILING),
        after("stream-failing", STALE, FRESH),
        after("stream-failing", STALE_PAUSED, FRESH),
        after("stream-failing", UNREAD, READ),
        after("proof-late", UNPROVED, UNPROVED_BACK),
        after("proof-late", PROVED_LONG_AGO, UNPROVED_BACK),
        warning("proof-late", How::Sql(LEFT_OUT, LEFT_OUT_BACK)),
        warning("proof-late", How::Sql(UNCHECKED, UNPROVED_BACK)),
        after("proof-differences", SETTLED, "delete from proof_days"),
        warning(
            "audience-parked",
            How::Sql(
                "update audience_streams set parked_at = '2026-11-21T10:00:00Z'",
                "update audience_streams set parked_at = null",
            ),
        ),
        warning(
            "budget-paused",
            How::Sql(
                "update rate_budgets set paused_until = '2026-11-22T10:00:00Z'",
                "update rate_budgets set paused_until = null",
            ),
        ),
        after("jobs-stuck", STUCK, NO_JOBS),
        warning("jobs-failed", How::Sql(FAILED, NO_JOBS)),
        after("webhooks-waiting", WAITING, EVENT_AWAY),
        after("webhooks-quarantined", QUARANTINED, EVENT_AWAY),
        after("alerts-failed", GIVEN_UP, "delete from alerts where state = 'failed'"),
    ]
}

pub fn seeds() -> Vec<Seed> {
    [accounts(), work()].into_iter().flatten().collect()
}
