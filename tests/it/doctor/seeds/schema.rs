//! Tables, and who may what with them. Roles belong to the whole server: there only the fact is changed.

use heartbeat::doctor::Facts;
use store::Schema;

use super::{How, Seed, fault, warning};

fn schema(facts: &mut Facts) -> &mut Schema {
    facts.database.schema.as_mut().unwrap()
}

const HISTORY_AWAY: &str =
    "update supabase_migrations.schema_migrations set version = 'x' || version
     where version = (select max(version) from supabase_migrations.schema_migrations)";
const HISTORY_BACK: &str = "update supabase_migrations.schema_migrations
       set version = substr(version, 2) where version like 'x%'";
const LATER: &str = "insert into supabase_migrations.schema_migrations (version, name)
     values ('99990101000000', 'later')";
const NOT_LATER: &str =
    "delete from supabase_migrations.schema_migrations where version = '99990101000000'";
const OTHER_WORDS: &str = "update supabase_migrations.schema_migrations
        set statements = array[statements[1] || '-- mended']
      where version = '20261121000500'";
const SAME_WORDS: &str = "update supabase_migrations.schema_migrations
        set statements = array[replace(statements[1], '-- mended', '')]
      where version = '20261121000500'";
const OPEN_OR: &str = "alter policy users on fan_events
    using (true or agency_id = (select public.user_agency_with_figures()))";
const AS_MADE: &str = "alter policy users on fan_events
    using (agency_id = (select public.user_agency_with_figures()))";
const FOR_ALL: &str = "drop policy users on fan_events;
    create policy users on fan_events to authenticated
        using (agency_id = (select public.user_agency_with_figures()))";
const FOR_READING: &str = "drop policy users on fan_events;
    create policy users on fan_events for select to authenticated
        using (agency_id = (select public.user_agency_with_figures()))";

fn tables() -> Vec<Seed> {
    let after = |check, plant, undo| fault(check, How::Sql(plant, undo));
    vec![
        after("migrations-missing", HISTORY_AWAY, HISTORY_BACK),
        warning("migrations-newer", How::Sql(LATER, NOT_LATER)),
        after("migrations-changed", OTHER_WORDS, SAME_WORDS),
        after(
            "tables-missing",
            "alter table fan_events rename to fan_events_away",
            "alter table fan_events_away rename to fan_events",
        ),
        after(
            "row-security",
            "alter table rate_budgets no force row level security",
            "alter table rate_budgets force row level security",
        ),
        after(
            "row-security",
            "alter table rate_budgets disable row level security",
            "alter table rate_budgets enable row level security",
        ),
        after(
            "policies",
            "alter policy users on fan_events rename to users_away",
            "alter policy users_away on fan_events rename to users",
        ),
        after("policies", "alter policy users on fan_events using (true)", AS_MADE),
        after("policies", OPEN_OR, AS_MADE),
        after(
            "policies",
            "alter policy users on fan_events using (agency_id = (select public.user_agency()))",
            AS_MADE,
        ),
        after(
            "policies",
            "alter policy users on fan_events to public",
            "alter policy users on fan_events to authenticated",
        ),
        after(
            "policies",
            "alter policy service on fan_events to public",
            "alter policy service on fan_events to service_role",
        ),
        after(
            "policies",
            "alter policy service on fan_events to service_role, authenticated",
            "alter policy service on fan_events to service_role",
        ),
        after(
            "policies",
            "alter policy service on fan_events with check (false)",
            "alter policy service on fan_events with check (true)",
        ),
        after("policies", FOR_ALL, FOR_READING),
        after(
            "policies-foreign",
            "create policy everybody on fan_events for select using (true)",
            "drop policy everybody on fan_events",
        ),
    ]
}

fn rights() -> Vec<Seed> {
    let after = |check, plant, undo| fault(check, How::Sql(plant, undo));
    vec![
        after(
            "grants-service",
            "revoke insert on fan_events from service_role",
            "grant insert on fan_events to service_role",
        ),
        after(
            "grants-users",
            "revoke select on fan_events from authenticated",
            "grant select (agency_id, model_id, event_key, kind, at) on fan_events to authenticated",
        ),
        after(
            "grants-open",
            "grant select on agencies to anon",
            "revoke select on agencies from anon",
        ),
        after(
            "grants-open",
            "grant select (name) on agencies to public",
            "revoke select (name) on agencies from public",
        ),
        after(
            "grants-write",
            "grant update (name) on agencies to authenticated",
            "revoke update (name) on agencies from authenticated",
        ),
        after(
            "grants-write",
            "grant select (access_sealed) on fanvue_connections to authenticated",
            "revoke select (access_sealed) on fanvue_connections from authenticated",
        ),
        after(
            "auth-functions",
            "alter function auth.uid() rename to uid_away",
            "alter function auth.uid_away() rename to uid",
        ),
        after(
            "triggers",
            "alter table revenue_daily disable trigger revenue_daily_changed",
            "alter table revenue_daily enable trigger revenue_daily_changed",
        ),
        after(
            "indexes",
            "alter index models_by_id rename to models_by_id_away",
            "alter index models_by_id_away rename to models_by_id",
        ),
        fault("roles", How::Fact(|facts| schema(facts).roles.retain(|role| role != "anon"))),
        fault("roles", How::Fact(|facts| schema(facts).takes_users = Some(false))),
        fault("roles", How::Fact(|facts| schema(facts).is_service = Some(false))),
        fault(
            "roles-bypass",
            How::Fact(|facts| schema(facts).bypassing.push("authenticated".to_owned())),
        ),
    ]
}

pub fn seeds() -> Vec<Seed> {
    [tables(), rights()].into_iter().flatten().collect()
}
