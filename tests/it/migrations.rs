//! Migrations: any number of processes at once, on an empty and on a filled database.

use futures_util::future::join_all;

use crate::world::{World, database::Database};

#[tokio::test]
async fn twelve_starters_at_once_all_succeed_and_apply_each_migration_once() {
    let db = Database::create_empty().await;
    let runs = join_all((0..12).map(|_| store::migrate(&db.url))).await;
    let applied: Vec<_> = runs.into_iter().flat_map(|run| run.unwrap().versions).collect();
    let history = db.sql("select version from supabase_migrations.schema_migrations").await;
    assert_eq!(applied.len(), history.len());
    assert_eq!(history.last().unwrap()[0], store::latest_version());
    assert!(store::migrate(&db.url).await.unwrap().versions.is_empty());
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
