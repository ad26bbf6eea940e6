//! What the tables look like afterwards: ours as a new database has them, and what refers to them.

use super::Older;
use crate::world::database::Database;

/// Columns of our tables, as a new database has them.
const COLUMNS: &str = "
    select table_name, column_name, data_type, is_generated, is_nullable
      from information_schema.columns where table_schema = 'public' order by 1, 2";

/// Indexes, triggers, policies and functions, likewise. A key of ours is numbered where an older system's
/// table keeps the name.
const MORE: &str = "
    select 'index', regexp_replace(indexdef, '(_p?key)[0-9]+ ON', '\\1 ON') from pg_indexes where schemaname = 'public'
     union all
    select 'trigger', pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
     union all
    select 'policy', concat_ws(' ', tablename, policyname, cmd, roles, qual, with_check)
      from pg_policies where schemaname = 'public'
     union all
    select 'function', oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace
     order by 1, 2";

/// The older system's tables that are taken as they are, with keys of their own.
const AS_THEY_WERE: [&str; 3] = ["shifts", "timesheets", "content_tasks"];

#[tokio::test]
async fn an_older_database_without_a_row_gets_the_schema_of_a_new_one() {
    let (fresh, older) = (Database::create().await, Older::bare().await);
    let applied = store::migrate(&older.url).await.unwrap();
    assert_eq!((applied.older_rows, applied.has_plain_tokens), (0, false));
    let has = older.sql(COLUMNS).await;
    let kept = |row: &&Vec<String>| !AS_THEY_WERE.contains(&row[0].as_str());
    for column in fresh.sql(COLUMNS).await.iter().filter(kept) {
        assert!(has.contains(column), "{column:?}");
    }
    let has = older.sql(MORE).await;
    for thing in fresh.sql(MORE).await {
        let is_older = AS_THEY_WERE.iter().any(|table| thing[1].contains(table));
        assert!(is_older || has.contains(&thing), "{thing:?}");
    }
    let aside = "select count(*) from pg_namespace where nspname = 'before_heartbeat'";
    assert_eq!(fresh.sql(aside).await, [["0"]], "a new database has nothing of it");
    assert_eq!(older.sql(aside).await, [["1"]]);
}

#[tokio::test]
async fn people_creators_and_their_histories_keep_their_ids_and_further_columns() {
    let older = Older::filled().await;
    let people =
        "select id, coalesce(agency_id::text, ''), username, display_name from profiles order by 1";
    let before = older.db.sql(people).await;
    store::migrate(&older.db.url).await.unwrap();
    assert_eq!(older.db.sql(people).await, before);
    let models = "select m.name, m.instagram_handle, m.subscribers_count, m.fanvue_user_uuid = lower(o.fanvue_user_uuid),
                         m.last_transaction_sync
                    from models m join before_heartbeat.models o on o.id = m.id order by 1";
    let expected = ["Ada", "Bea", "Cleo"].map(|name| [name, "ig", "12", "t", "null"]);
    assert_eq!(older.db.sql(models).await, expected);
    let history =
        "select count(*), sum(subscribers_count), sum(total_audience) from subscriber_history";
    assert_eq!(older.db.sql(history).await, [["15", "180", "630"]]);
    let others = "select (select count(*) from shifts), (select count(*) from content_tasks),
                         (select count(*) from payout_settings),
                         (select count(*) from top_spenders_before_heartbeat),
                         (select count(*) from before_heartbeat.sync_state)";
    assert_eq!(older.db.sql(others).await, [["1", "3", "1", "3", "3"]]);
}

#[tokio::test]
async fn tables_that_stay_refer_to_ours_and_the_older_ones_code_moves_no_cursor() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let astray = "select f.conrelid::regclass::text from pg_constraint f join pg_class c on c.oid = f.conrelid
                    join pg_class r on r.oid = f.confrelid
                   where f.contype = 'f' and c.relnamespace = 'public'::regnamespace
                     and r.relnamespace = 'before_heartbeat'::regnamespace";
    assert_eq!(older.db.sql(astray).await, Vec::<Vec<String>>::new());
    // Who joined since can be paid and planned for.
    let later = "insert into profiles (id, agency_id, role)
                 values ('b0000003-0000-4000-8000-000000000000', 'a0000001-0000-4000-8000-000000000000', 'viewer');
                 insert into payout_settings (profile_id, agency_id)
                 values ('b0000003-0000-4000-8000-000000000000', 'a0000001-0000-4000-8000-000000000000');
                 insert into creator_top_spenders (model_id, fan_uuid)
                 select id, gen_random_uuid() from models";
    older.db.sql(later).await;
    let called = "select mark_sync_complete(id) from models";
    assert!(store::admin::run_sql(&older.db.url, called).await.is_err());
}

#[tokio::test]
async fn the_documented_way_back_brings_back_the_older_tables_and_what_its_code_calls() {
    let older = Older::filled().await;
    let stores = "create function update_fanvue_token(of_model uuid, token text) returns void language sql as
                  'update models set fanvue_access_token = token where id = of_model'";
    older.db.sql(stores).await;
    let held = "select (select count(*) from fanvue_transactions), (select sum(amount) from fanvue_transactions),
                       (select count(*) from models), (select count(*) from sync_state),
                       (select count(*) from top_spenders where amount is null or amount is not null)";
    let before = older.db.sql(held).await;
    store::migrate(&older.db.url).await.unwrap();
    let (_, back) = include_str!("../../../docs/upgrade.md").split_once("## Going back").unwrap();
    let (_, block) = back.split_once("```sql").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    store::admin::run_sql(&older.db.url, block).await.unwrap();
    assert_eq!(older.db.sql(held).await, before);
    let called = "select mark_sync_complete(id), update_fanvue_token(id, 'next') from models";
    older.db.sql(called).await;
    let moved = "select count(*) filter (where fanvue_access_token = 'next'),
                        count(*) filter (where last_transaction_sync > now() - interval '1 hour') from models";
    assert_eq!(older.db.sql(moved).await, [["3", "3"]]);
    let aside = "select relname from pg_class where relnamespace = 'before_heartbeat'::regnamespace and relkind in ('r', 'p', 'v', 'm')
                  union all select proname from pg_proc where pronamespace = 'before_heartbeat'::regnamespace";
    assert!(older.db.sql(aside).await.is_empty());
    // Its plain tokens are there again, where those who search for secrets expect none.
    older.db.sql("delete from agency_fanvue_connections").await;
}

/// A creator whose agency is gone, and one who stands there twice.
#[tokio::test]
async fn creators_of_no_agency_and_twice_the_same_one_are_kept() {
    let db = Older::bare().await;
    let odd = "insert into agencies (id, name) values ('a0000001-0000-4000-8000-000000000000', 'Older');
               insert into models (name, agency_id, fanvue_user_uuid) values
                   ('Nobody''s', null, 'B6C5F0C6-0000-4000-8000-000000000001'),
                   ('Once', 'a0000001-0000-4000-8000-000000000000', 'B6C5F0C6-0000-4000-8000-000000000002'),
                   ('Twice', 'a0000001-0000-4000-8000-000000000000', 'b6c5f0c6-0000-4000-8000-000000000002')";
    db.sql(odd).await;
    store::migrate(&db.url).await.unwrap();
    let creators = "select a.name, count(*), count(m.fanvue_user_uuid)
                      from models m join agencies a on a.id = m.agency_id group by 1 order by 1";
    assert_eq!(db.sql(creators).await, [["Creators of no agency", "1", "1"], ["Older", "2", "1"]]);
}
