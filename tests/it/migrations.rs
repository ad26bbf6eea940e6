//! Migrations: any number of processes at once, on an empty and on a filled database.

use futures_util::future::join_all;
use jiff::Timestamp;
use secrecy::SecretString;
use store::{AlertKind, Options, Store};
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::world::{World, database::Database};

#[tokio::test]
async fn twelve_starters_at_once_all_succeed_and_apply_each_migration_once() {
    let db = Database::create_empty().await;
    let runs = join_all((0..12).map(|_| store::migrate(&db.url))).await;
    let applied: Vec<_> = runs.into_iter().flat_map(|run| run.unwrap().versions).collect();
    let history =
        db.sql("select version from supabase_migrations.schema_migrations order by 1").await;
    assert_eq!(applied.len(), history.len());
    assert_eq!(history.last().unwrap()[0], store::latest_version());
    assert!(store::migrate(&db.url).await.unwrap().versions.is_empty());
    // A session that was there before, as a pooler keeps some, has what was set then.
    let of_sessions = "select setconfig from pg_db_role_setting s
                         join pg_database d on d.oid = s.setdatabase
                        where d.datname = current_database() and setrole = current_user::regrole";
    assert_eq!(db.sql(of_sessions).await, [["{jit=off}"]]);
}

#[tokio::test]
async fn every_table_is_shut_to_strangers_and_led_by_its_agency() {
    let db = Database::create().await;
    let open = db
        .sql(
            "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname = 'public' and c.relkind = 'r' and not c.relrowsecurity",
        )
        .await;
    assert!(open.is_empty(), "without row-level security: {open:?}");
    let unled = db
        .sql(
            "select c.relname from pg_index i
               join pg_class c on c.oid = i.indrelid
               join pg_namespace n on n.oid = c.relnamespace
               join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
              where n.nspname = 'public' and i.indisprimary and a.attname <> 'agency_id'
                and c.relname not in ('agencies', 'profiles', 'webhook_events', 'fanvue_used_codes')",
        )
        .await;
    assert!(unled.is_empty(), "keys must begin with agency_id: {unled:?}");
}

#[tokio::test]
async fn amounts_in_units_are_made_from_cents_and_cannot_be_written() {
    let world = World::seeded(2, 5).await;
    world.tick().await;
    let differing = world
        .db
        .sql(
            "select 1 from fanvue_transactions
              where amount * 100 <> amount_cents or net_amount * 100 <> net_cents
                 or platform_fee * 100 <> amount_cents - net_cents",
        )
        .await;
    assert!(differing.is_empty());
    let written = store::admin::run_sql(&world.db.url, "update models set revenue_total = 1").await;
    assert!(written.is_err());
}

/// As an older system may have left them: with keys, types and columns of its own, of another shape, and with
/// rows of no agency.
const OLDER: &str = "
    create type task_status as enum ('scheduled', 'posted', 'missed');
    create table shifts (
        id uuid primary key default gen_random_uuid(), agency_id uuid, employee_id uuid,
        start_time timestamptz not null, end_time timestamptz not null,
        status varchar(20) default 'scheduled', colour text);
    create policy everybody on shifts for select using (true);
    create table timesheets (id bigint primary key, note text);
    create table content_tasks (
        id uuid primary key default gen_random_uuid(), agency_id uuid, title text,
        status task_status not null, scheduled_at timestamptz);
    create table top_spenders (id bigint primary key, amount numeric);
    create table tracking_links (id bigint primary key, url text);
    create table alerts (id bigint primary key, message text);
    insert into shifts (agency_id, employee_id, start_time, end_time, colour)
    select agency, gen_random_uuid(), '2026-11-21T09:00:00Z', '2026-11-21T17:00:00Z', 'red'
      from unnest(array['a0000001-0000-4000-8000-000000000000'::uuid, null]) as agency;
    insert into content_tasks (agency_id, title, status, scheduled_at)
    select agency, 'reel', 'scheduled', '2026-11-21T07:00:00Z'
      from unnest(array['a0000001-0000-4000-8000-000000000000'::uuid, null]) as agency;
    insert into timesheets values (1, 'kept');
    insert into top_spenders values (1, 5);
    insert into tracking_links values (1, 'kept');
    insert into alerts values (1, 'kept')";

#[tokio::test]
async fn shifts_tasks_and_lists_of_an_older_system_are_taken_over_and_no_row_is_lost() {
    let db = Database::create_empty().await;
    db.sql(OLDER).await;
    store::migrate(&db.url).await.unwrap();
    let kept = "select colour, title, (select count(*) from pg_policies
                                        where tablename = 'shifts' and policyname = 'everybody')
                  from shifts";
    assert_eq!(db.sql(kept).await, [["red", "null", "0"]; 2]);
    for table in ["timesheets", "top_spenders", "tracking_links", "alerts"] {
        let rows = format!(
            "select (select count(*) from {table}), (select count(*) from {table}_before_heartbeat)"
        );
        assert_eq!(db.sql(&rows).await, [["0", "1"]], "{table}");
    }
    // What is found in them is found as in ours, and rows of nobody are in nobody's way.
    let agency =
        "insert into agencies (id, name) values ('a0000001-0000-4000-8000-000000000000', 'A')";
    db.sql(agency).await;
    let store = Store::open(&SecretString::from(db.url.as_str()), Options::default()).unwrap();
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let (now, from) = (at("2026-11-21T10:00:00Z"), at("2026-11-19T10:00:00Z"));
    assert_eq!(store.note_late_shifts(now, (from, from), 600, 10).await.unwrap(), 1);
    let planned = (from, from, at("2026-11-21T08:00:00Z"));
    assert_eq!(store.miss_posts(now, planned, 10).await.unwrap(), 1);
    let until = at("2026-11-21T10:04:00Z");
    for kind in [AlertKind::LateShift, AlertKind::MissedPost] {
        let claimed = store.claim_alerts(kind, now, until, Uuid::nil(), 10).await.unwrap();
        assert_eq!(claimed.len(), 1, "{kind:?}");
    }
    let ours =
        "select relname from pg_class where relname like '%_before_heartbeat' and relkind = 'r'";
    assert_eq!(db.sql(ours).await.len(), 4, "and nothing else was set aside");
}

#[tokio::test]
async fn a_migration_whose_connection_is_ended_says_why_and_not_that_nothing_could_be_undone() {
    let db = Database::create_empty().await;
    // The server ends whoever changes the schema, as an administrator may.
    db.sql(
        "create function die() returns event_trigger language plpgsql as $$ begin
             perform pg_terminate_backend(pg_backend_pid());
             perform pg_sleep(60);
         end $$;
         create event trigger dying on ddl_command_start execute function die()",
    )
    .await;
    let error = store::migrate(&db.url).await.unwrap_err();
    let store::Error::Migration { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(source.code(), Some(&SqlState::ADMIN_SHUTDOWN), "{error:?}");
}
