//! Two agencies with a row in every table each, and what a table may show to whom.

use crate::world::database::Database;

/// The id of agency `n`, 1 or 2.
pub fn agency(n: u32) -> String {
    id(n, 'a')
}

/// The id of a thing of agency `n`.
pub fn id(n: u32, thing: char) -> String {
    format!("{thing}000000{n}-0000-4000-8000-000000000000")
}

/// Rows of agency `n`, in every table that there is. Its users are 1 to 5 in agency 1, 17 to 21 in agency 2.
pub async fn fill(db: &Database, n: u32) {
    let (agency, model, connection, row) = (agency(n), id(n, 'd'), id(n, 'c'), id(n, 'e'));
    let key = format!("'{agency}', '{model}'");
    let now = "'2026-11-21T09:00:00Z'";
    db.sql(&format!(
        "insert into agencies (id, name) values ('{agency}', 'Agency {n}');
         insert into fanvue_connections (id, agency_id, kind, account_uuid, access_sealed,
            refresh_sealed, obtained_at, expires_at, created_at, updated_at)
         values ('{connection}', '{agency}', 'agency', 'account {n}', 'sealed', 'sealed', {now}, {now},
            {now}, {now});
         insert into models (agency_id, id, name, fanvue_user_uuid, connection_id,
            revenue_total_cents, net_total_cents, transactions_total, last_transaction_sync)
         values ({key}, 'Model {n}', 'model {n}', '{connection}', 424{n}, 400, 1, {now});
         insert into fanvue_transactions (id, agency_id, model_id, fanvue_transaction_id,
            transaction_date, transaction_type, amount_cents, net_cents, fan_handle, created_at, synced_at)
         values ('{row}', {key}, 'row {n}', {now}, 'tip', 424{n}, 400, 'fan {n}', {now}, {now});
         insert into revenue_daily values ({key}, '2026-11-21', 'tip', 424{n}, 400, 1);
         -- One of those that follow from it.
         delete from revenue_sums
          where agency_id = '{agency}' and not (span = 'day' and source is not null);
         insert into fan_days values ({key}, 'fan {n}', '2026-11-21');
         delete from fan_counts where agency_id = '{agency}' and model_id is null;
         insert into earning_rejects values ({key}, 'digest {n}', 'reason', 'raw {n}', {now});
         insert into sync_state (agency_id, model_id, sync_type) values ({key}, 'earnings')
            on conflict do nothing;
         insert into subscriber_history (agency_id, model_id, date, subscribers_count)
         values ({key}, '2026-11-21', {n});
         insert into rate_budgets (agency_id, connection_id, bucket, request_limit, remaining,
            window_ends_at) values ('{agency}', '{connection}', 'account', 60, 60, {now});
         insert into absent_transactions values ({key}, 'row {n}', {now});
         insert into voided_transactions values ({key}, 'void {n}', {now}, {now}, '{{}}');
         insert into fanvue_logins (id, agency_id, kind, ticket_digest, created_at, expires_at)
         values ('{row}', '{agency}', 'agency', 'ticket {n}', {now}, '2027-01-01');
         insert into fanvue_used_codes values ('code {n}', {now});
         insert into webhook_events (event_key, signed_at, received_at, body, state)
         values ('event {n}', {now}, {now}, 'body {n}', 'quarantined');
         insert into provisional_transactions (agency_id, model_id, event_key, family, at, source,
            gross_cents, state, expires_at, created_at)
         values ({key}, 'event {n}', 'purchase', {now}, 'tip', 5, 'settled', {now}, {now});
         insert into fan_events (agency_id, model_id, event_key, kind, at)
         values ({key}, 'event {n}', 'follow', {now});
         insert into unread_messages values ({key}, 'fan {n}', 3, {now});
         insert into sync_jobs (agency_id, id, model_id, begun_at)
         values ('{agency}', '{row}', '{model}', {now});
         insert into sync_job_creators (agency_id, job_id, model_id, rows_known, cents_known, rows_ahead,
            rows_held) values ('{agency}', '{row}', '{model}', 1, 424{n}, 1, 1);
         insert into expensive_calls values ('{agency}', 'operator', array[{now}::timestamptz], 0);
         insert into audience_streams (agency_id, model_id, kind, next_at)
         values ({key}, 'subscribers', '2100-01-01');
         insert into top_spenders values ({key}, 1, 'id {n}', 'fan {n}', null, 5, 4, 1, {now});
         insert into tracking_links (agency_id, model_id, fanvue_uuid, name, link_url, clicks,
            last_synced_at) values ({key}, '{row}', 'Link {n}', 'fan {n}', 1, {now})"
    ))
    .await;
    for (i, role) in super::ROLES.iter().enumerate() {
        let user = super::user((n - 1) * 16 + 1 + u32::try_from(i).unwrap());
        let profile = format!("('{user}', '{agency}', '{role}')");
        db.sql(&format!("insert into profiles (id, agency_id, role) values {profile}")).await;
    }
    fill_work(db, n).await;
    fill_proof(db, n).await;
}

/// Those of the nightly proof. What it repairs is a change of money, which is noted by itself.
async fn fill_proof(db: &Database, n: u32) {
    let (agency, model, now) = (agency(n), id(n, 'd'), "'2026-11-21T09:00:00Z'");
    let key = format!("'{agency}', '{model}'");
    db.sql(&format!(
        "insert into proofs (agency_id, model_id) values ({key});
         insert into proof_sums values ('{agency}', '2026-11-21', {now});
         insert into proof_days (agency_id, model_id, day, state, platform_cents, platform_net_cents,
            found_cents, found_net_cents, found_rows, ledger_cents, ledger_net_cents, ledger_rows, found_at)
         values ({key}, '2026-11-20', 'open', 424{n}, 400, 0, 0, 0, 0, 0, 0, {now});
         insert into repairs (agency_id, model_id, kind, cause, before_cents, after_cents, before_rows,
            after_rows, evidence, repaired_at)
         values ({key}, 'rows', 'missing_row', 0, 424{n}, 0, 1, '{{}}', {now});
         insert into upgrade_receipts (agency_id, model_id, older_id, state, adopted_at)
         values ({key}, 'older {n}', 'confirmed', {now})"
    ))
    .await;
}

/// Those of who works when, and of what is told of it.
async fn fill_work(db: &Database, n: u32) {
    let (agency, row, now) = (agency(n), id(n, 'e'), "'2026-11-21T09:00:00Z'");
    let employee = super::user((n - 1) * 16 + 4);
    db.sql(&format!(
        "insert into shifts (agency_id, id, employee_id, start_time, end_time, title)
         values ('{agency}', '{row}', '{employee}', {now}, {now}, 'Shift {n}');
         insert into timesheets (agency_id, id, employee_id, shift_id, clock_in)
         values ('{agency}', '{row}', '{employee}', '{row}', {now});
         insert into content_tasks (agency_id, id, title, platform, content_type)
         values ('{agency}', '{row}', 'Task {n}', 'instagram', 'post');
         insert into alerts (agency_id, kind, subject_id, due_at, noted_at)
         values ('{agency}', 'late_shift', '{row}', {now}, {now})"
    ))
    .await;
}

/// Every table, view and foreign table of the schema, whoever made it.
pub async fn relations(db: &Database) -> Vec<String> {
    let relations = "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1";
    db.sql(relations).await.concat()
}

/// A digest of all that the tables hold.
pub async fn fingerprint(db: &Database) -> Vec<Vec<String>> {
    let digest = |table: &String| {
        format!(
            "select '{table}', count(*), md5(string_agg(t::text, '|' order by t::text)) from \"{table}\" t"
        )
    };
    let digests: Vec<_> = relations(db).await.iter().map(digest).collect();
    db.sql(&digests.join(" union all ")).await
}
