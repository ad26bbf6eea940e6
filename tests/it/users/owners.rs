//! The same on databases whose owner is no superuser: a plain one, and one that is made as Supabase makes it.

use std::sync::Arc;

use app::{Ctx, SystemEntropy};

use super::{DASHBOARD, matrix, token, user};
use crate::world::{World, config, database::Database, transport::InProcess};

/// A role of the server, which has to be gone when its database is.
struct Owner {
    db: Database,
    name: String,
    url: String,
}

impl Owner {
    /// An empty database that belongs to a role with those attributes.
    async fn of(name: &str, attributes: &str) -> Self {
        let db = Database::create_empty().await;
        let name = format!("hb_{name}_{}", std::process::id());
        db.sql(&format!("create role {name} login {attributes} password 'x'")).await;
        let database = db.sql("select current_database()").await.remove(0).remove(0);
        db.sql(&format!("alter database {database} owner to {name}")).await;
        let (scheme, rest) = db.url.split_once("://").unwrap();
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let url = format!("{scheme}://{name}:x@{host}");
        Self { db, name, url }
    }

    /// Whether sessions are the owner's own: a pooler may make all of them a superuser's.
    async fn is_own(&self) -> bool {
        let sql = "select current_user::text";
        let rows = store::admin::run_sql(&self.url, sql).await.unwrap();
        rows == [[Some(self.name.clone())]]
    }

    /// Drops the database and then the role.
    async fn end(self) {
        let server = format!("{}/postgres", self.url.rsplit_once('/').unwrap().0);
        let server = server.replacen(&format!("{}:x@", self.name), "postgres@", 1);
        drop(self.db);
        let drop_role = format!("drop role {}", self.name);
        store::admin::run_sql(&server, &drop_role).await.unwrap();
    }
}

#[tokio::test]
async fn an_owner_who_is_no_administrator_is_told_what_is_missing_and_then_serves_users() {
    // The roles are there: any other database of this server has made them.
    drop(Database::create().await);
    let owner = Owner::of("plain", "").await;
    if owner.is_own().await {
        let error = store::migrate(&owner.url).await.unwrap_err();
        let text = app::http::chain(&error);
        assert!(text.contains("grant authenticated, service_role to"), "{text}");
        let grant = format!("grant authenticated, service_role to {}", owner.name);
        owner.db.sql(&grant).await;
    }
    store::migrate(&owner.url).await.unwrap();
    let mut world = World::empty().await;
    let clock = Arc::clone(&world.clock);
    let transport = InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) };
    let config = config(&owner.url, "http://127.0.0.1:1");
    world.ctx = Ctx::with(config, Arc::new(transport), clock, Arc::new(SystemEntropy)).unwrap();
    let ada = world.creator("Ada", 60, 0);
    world.connect().await;
    world.tick().await;
    world.sell(ada, 3);
    world.advance(600);
    world.tick().await;
    let (id, sql) = (user(1), "insert into profiles (id, agency_id, role) select");
    owner.db.sql(&format!("{sql} '{id}', id, 'owner' from agencies")).await;
    let (status, shown) = world.ask_with("GET", DASHBOARD, &token(&world, 1)).await;
    assert_eq!(status, 200, "{shown}");
    let count = shown["freshness"]["total"].as_i64();
    assert_eq!((count, &shown["kpiMetrics"]), (Some(2), &world.dashboard("").await["kpiMetrics"]));
    assert_eq!(owner.db.sql("select count(*) from fanvue_transactions").await, [["63"]]);
    drop(world);
    owner.end().await;
}

#[tokio::test]
async fn a_database_as_supabase_makes_it_is_taken_as_it_is() {
    drop(Database::create().await);
    let owner = Owner::of("supabase", "bypassrls").await;
    let name = &owner.name;
    // Its login functions are somebody else's, and every new table is open to everybody.
    owner
        .db
        .sql(&format!(
            "grant authenticated, anon, service_role to {name};
             create schema auth;
             grant usage on schema auth to {name}, anon, authenticated, service_role;
             create function auth.uid() returns uuid language sql stable as $$
                select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
                    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
             create function auth.jwt() returns jsonb language sql stable as $$
                select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
             alter default privileges for role {name} in schema public
                grant all on tables to anon, authenticated, service_role;
             alter default privileges in schema public
                grant all on tables to anon, authenticated, service_role"
        ))
        .await;
    let functions = "select string_agg(prosrc, '|' order by proname) from pg_proc
                      where pronamespace = 'auth'::regnamespace";
    let before = owner.db.sql(functions).await;
    store::migrate(&owner.url).await.unwrap();
    assert_eq!(owner.db.sql(functions).await, before);
    matrix::assert_only_reading(&owner.db).await;
    matrix::assert_policies(&owner.db).await;
    owner.db.sql("alter default privileges in schema public revoke all on tables from anon").await;
    owner.end().await;
}
