//! Every table × who asks × what they try, as whoever reaches the database by themselves could: nobody sees
//! or changes a row of another agency, and no user changes any. A table that is new is in it by itself.

use app::auth::{Right, Role};

use super::{
    ROLES,
    agencies::{agency, fill, fingerprint, relations},
    user,
};
use crate::world::database::Database;

/// Shown to every user of the agency.
const OPEN: [&str; 3] = ["agencies", "profiles", "subscriber_history"];
/// Shown to no user.
const SHUT: [&str; 6] = [
    "expensive_calls",
    "fanvue_logins",
    "fanvue_used_codes",
    "money_changes",
    "rate_budgets",
    "webhook_events",
];

#[tokio::test]
async fn no_user_may_read_a_table_whole_so_that_a_new_column_is_shown_to_nobody() {
    let db = Database::create().await;
    let granted = "select table_name, privilege_type from information_schema.role_table_grants
                    where table_schema = 'public' and grantee in ('authenticated', 'anon', 'PUBLIC')";
    assert_eq!(db.sql(granted).await, Vec::<Vec<String>>::new());
}

/// Says how many rows a statement touched, or why it was refused.
const ATTEMPT: &str =
    "create function public.attempt(statement text) returns text language plpgsql as $$
    declare touched bigint;
    begin
        execute statement;
        get diagnostics touched = row_count;
        return touched::text;
    exception when others then return sqlstate;
    end $$";

/// Refused for want of a grant, or by a policy.
const REFUSED: &str = "42501";

struct Place {
    db: Database,
    /// Each with the column that leads to the agency; `None` where a row is nobody's.
    tables: Vec<(String, Option<&'static str>)>,
}

impl Place {
    async fn new() -> Self {
        let db = Database::create().await;
        fill(&db, 1).await;
        fill(&db, 2).await;
        db.sql(ATTEMPT).await;
        let led = "select attrelid::regclass::text from pg_attribute where attname = 'agency_id'";
        let led = db.sql(led).await.concat();
        let mut tables = vec![];
        for table in relations(&db).await {
            let count = db.sql(&format!("select count(*) from {table}")).await.concat();
            let is_there = count[0].parse::<u32>().unwrap() >= 2;
            assert!(is_there, "{table} is new here: give both agencies a row of it in `fill`");
            let key = (table == "agencies").then_some("id");
            let key = key.or(led.contains(&table).then_some("agency_id"));
            tables.push((table, key));
        }
        Self { db, tables }
    }

    /// What comes of the statements for somebody with those claims.
    async fn attempt(&self, role: &str, claims: &str, statements: &[String]) -> Vec<String> {
        let calls: Vec<_> = statements
            .iter()
            .map(|sql| format!("select public.attempt('{}')", sql.replace('\'', "''")))
            .collect();
        let sql = format!(
            "begin; select set_config('request.jwt.claims', '{claims}', true),
                           set_config('role', '{role}', true); {}; commit",
            calls.join("; ")
        );
        self.db.sql(&sql).await.into_iter().filter(|row| row.len() == 1).flatten().collect()
    }
}

/// What they try on a table: to see, to lock, to add, to change and to remove.
fn attempts(table: &str, key: Option<&str>, whose: u32) -> Vec<String> {
    let Some(key) = key else {
        return vec![
            format!("select 1 from {table}"),
            format!("select 1 from {table} for update"),
            format!("insert into {table} default values"),
            format!("delete from {table}"),
        ];
    };
    let agency = agency(whose);
    vec![
        format!("select 1 from {table} where {key} = '{agency}'"),
        format!("select 1 from {table} where {key} = '{agency}' for update"),
        format!("insert into {table} ({key}) values ('{agency}')"),
        format!("update {table} set {key} = {key} where {key} = '{agency}'"),
        format!("update {table} set {key} = '{agency}'"),
        format!("delete from {table} where {key} = '{agency}'"),
    ]
}

fn claims(n: u32) -> String {
    format!(r#"{{"sub":"{}","role":"authenticated"}}"#, user(n))
}

/// Everybody who is not of agency 2, with the number of those who are users.
fn strangers() -> Vec<(&'static str, String, Option<u32>)> {
    let users = (1..=5).map(|n| ("authenticated", claims(n), Some(n)));
    let nobody = ["", "{}", r#"{"sub":"x"}"#, r#"{"sub":null}"#];
    let nobody = nobody.map(|claims| ("authenticated", claims.to_owned(), None));
    let anonymous = [("anon", claims(17), None), ("anon", String::new(), None)];
    users.chain(nobody).chain([("authenticated", claims(7), None)]).chain(anonymous).collect()
}

/// Own rows that user `n` is shown.
fn shown(table: &str, n: u32) -> usize {
    let role = Role::of(ROLES[n as usize - 1]);
    let is_shown = OPEN.contains(&table) || role.may(Right::Figures) && !SHUT.contains(&table);
    usize::from(is_shown)
}

/// Tries everything as everybody; `granted`: as if every right on every table had been given back.
async fn try_everything(granted: bool) {
    let place = Place::new().await;
    if granted {
        let all = "grant all on all tables in schema public to anon, authenticated";
        place.db.sql(all).await;
    }
    let before = fingerprint(&place.db).await;
    for (role, claims, user) in strangers() {
        for (table, key) in &place.tables {
            let foreign = attempts(table, *key, 2);
            let got = place.attempt(role, &claims, &foreign).await;
            assert_eq!(got.len(), foreign.len());
            for (statement, got) in foreign.iter().zip(&got) {
                let is_bad_claim = got == "22P02" && claims.contains("\"x\"");
                assert!(
                    got == "0" || got == REFUSED || is_bad_claim,
                    "{role} {claims}: {statement}: {got}"
                );
                let is_insert = statement.starts_with("insert");
                assert!(!is_insert || got == REFUSED, "{role} {claims}: {statement}: {got}");
            }
            let Some(n) = user else { continue };
            let own = attempts(table, *key, 1);
            let got = place.attempt(role, &claims, &own).await;
            let seen = if got[0] == REFUSED && !granted { 0 } else { got[0].parse().unwrap() };
            assert_eq!(seen, shown(table, n), "user {n} in {table}");
            for (statement, got) in own.iter().zip(&got).skip(1) {
                assert!(got == "0" || got == REFUSED, "user {n}: {statement}: {got}");
            }
        }
    }
    assert_eq!(fingerprint(&place.db).await, before, "something was written");
}

#[tokio::test]
async fn nobody_sees_or_changes_another_agencys_row() {
    try_everything(false).await;
}

#[tokio::test]
async fn policies_hold_by_themselves_where_every_grant_was_given_back() {
    try_everything(true).await;
}

#[tokio::test]
async fn every_table_is_forced_has_its_policies_and_nothing_goes_around_them() {
    assert_policies(&Database::create().await).await;
}

pub async fn assert_policies(db: &Database) {
    let unforced = db
        .sql(
            "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = 'public' and c.relkind in ('r', 'p')
                and not (c.relrowsecurity and c.relforcerowsecurity)",
        )
        .await;
    assert!(unforced.is_empty(), "row-level security is not forced: {unforced:?}");
    let policies = db
        .sql(
            "select c.relname, string_agg(p.polname || ' ' || p.polcmd::text, ', ' order by p.polname)
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
               left join pg_policy p on p.polrelid = c.oid
              where n.nspname = 'public' and c.relkind in ('r', 'p') group by 1",
        )
        .await;
    for policy in &policies {
        assert_eq!(policy[1], "service *, users r", "{}", policy[0]);
    }
    // Asked once a statement, not once a row.
    let by_row = db
        .sql(
            "select tablename, qual from pg_policies where schemaname = 'public'
                and policyname = 'users' and qual <> 'false'
                and qual !~ '^\\(\\w+ = \\( SELECT (auth\\.uid|user_agency\\w*)\\(\\) AS \\w+\\)\\)$'",
        )
        .await;
    assert!(by_row.is_empty(), "{by_row:?}");
    let around = db
        .sql(
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = 'public' and c.relkind in ('v', 'm', 'f')
                and not coalesce('security_invoker=true' = any(c.reloptions), false)
             union all
             select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where n.nspname = 'public' and p.prosecdef",
        )
        .await;
    assert!(around.is_empty(), "they read as their owner: {around:?}");
}

#[tokio::test]
async fn no_user_is_given_a_secret_a_lease_or_a_raw_row_nor_any_right_but_to_read() {
    assert_only_reading(&Database::create().await).await;
}

pub async fn assert_only_reading(db: &Database) {
    for (table, column) in [
        ("fanvue_connections", "access_sealed"),
        ("fanvue_connections", "refresh_sealed"),
        ("models", "fanvue_access_token"),
        ("models", "fanvue_refresh_token"),
        ("sync_state", "lease_token"),
        ("sync_state", "stream"),
        ("sync_state", "last_cursor"),
        ("earning_rejects", "raw"),
        ("timesheets", "clock_in_ip"),
        ("timesheets", "clock_out_ip"),
        ("alerts", "lease_token"),
        ("audience_streams", "lease_token"),
        ("audience_streams", "walk_mark"),
        ("audience_streams", "walk_seen"),
    ] {
        let sql = format!(
            "select has_column_privilege('authenticated', '{table}', '{column}', 'select')"
        );
        assert_eq!(db.sql(&sql).await, [["f"]], "{table}.{column}");
    }
    let rights = "insert, update, delete, truncate, references, trigger";
    let any = format!(
        "select c.relname, r from pg_class c join pg_namespace n on n.oid = c.relnamespace,
                unnest(array['anon', 'authenticated']) as r
          where n.nspname in ('public', 'supabase_migrations') and c.relkind in ('r', 'p', 'v', 'm')
            and (has_table_privilege(r, c.oid, '{rights}')
                 or has_any_column_privilege(r, c.oid, 'insert, update, references')
                 or r = 'anon' and has_any_column_privilege(r, c.oid, 'select'))"
    );
    assert_eq!(db.sql(&any).await, Vec::<Vec<String>>::new());
}
