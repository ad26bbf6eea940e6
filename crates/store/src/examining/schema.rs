//! The schema as it stands: tables and who may what with them, triggers, indexes, roles, history.

use serde::Deserialize;
use tokio_postgres::types::Type;

use super::{Examiner, Expected};
use crate::{Error, migrations::MIGRATIONS};

/// The migration that shut every table and gave each its policies.
const USERS: &str = "20261121001100";

/// A table of the schema `public`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Row-level security is enabled.
    pub is_secured: bool,
    /// It binds the table's owner too.
    pub is_forced: bool,
    /// Its policies.
    pub policies: Vec<Policy>,
    /// `service_role` may read and write.
    pub serves: bool,
    /// `authenticated` may read a column.
    pub users_read: bool,
    /// `authenticated` may write.
    pub users_write: bool,
    /// `authenticated` may read a column that holds tokens.
    pub users_see_tokens: bool,
    /// `anon`, as whoever is not signed in, may read or write.
    pub is_open: bool,
}

/// A policy of row-level security.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Whom it binds, by name; `public` is everybody.
    pub roles: Vec<String>,
    /// What it is of: `r` for reading, `*` for everything, or another letter of PostgreSQL's.
    pub command: String,
    /// It adds rows to those that others show, and takes none away.
    pub is_permissive: bool,
    /// Which rows it shows; `None` for all that it lets through.
    pub shows: Option<String>,
    /// Which rows may be written; `None` for those that it shows.
    pub takes: Option<String>,
}

/// A trigger.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Trigger {
    /// Its table and its name, as `table.trigger`.
    pub name: String,
    /// It fires.
    pub is_on: bool,
}

/// An index.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// It is whole, so that it may be used.
    pub is_valid: bool,
}

/// What is in the schema `public`, and what roles may.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Schema {
    /// The tables.
    pub tables: Vec<Table>,
    /// The triggers.
    pub triggers: Vec<Trigger>,
    /// The indexes.
    pub indexes: Vec<Index>,
    /// `anon`, `authenticated` and `service_role`, as far as they are there.
    pub roles: Vec<String>,
    /// Roles of users that go around row-level security.
    pub bypassing: Vec<String>,
    /// The service may take the role `authenticated`.
    pub takes_users: Option<bool>,
    /// The service has what `service_role` has, or goes around row-level security.
    pub is_service: Option<bool>,
    /// `auth.uid()` and `auth.jwt()` are there.
    pub knows_users: bool,
}

/// How the history of migrations differs from the build's.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct History {
    /// Those of the build that are not applied.
    pub missing: Vec<String>,
    /// Those that come after all of the build's.
    pub newer: Vec<String>,
    /// Those that were applied with other words than the build's.
    pub changed: Vec<String>,
}

impl History {
    /// A database that knows no migration.
    #[must_use]
    pub fn none() -> Self {
        let missing = MIGRATIONS.iter().map(|(version, ..)| (*version).to_owned()).collect();
        Self { missing, ..Self::default() }
    }

    /// What the applied ones of the build's migrations have made.
    #[must_use]
    pub fn expected(&self) -> Expected {
        Expected::of(self.applied().map(|(_, sql)| sql))
    }

    /// Whether tables were shut to users and given their policies.
    #[must_use]
    pub fn has_users(&self) -> bool {
        self.applied().any(|(version, _)| version == USERS)
    }

    fn applied(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let applied = MIGRATIONS.iter().map(|(version, _, sql)| (*version, *sql));
        applied.filter(|(version, _)| !self.missing.iter().any(|missing| missing == version))
    }
}

const SCHEMA: &str = "-- examine_schema
    with role as (
        select to_regrole('anon')::oid as anon, to_regrole('authenticated')::oid as users,
               to_regrole('service_role')::oid as service,
               case when current_setting('server_version_num')::int >= 160000
                    then 'SET' else 'MEMBER' end as must
    )
    select json_build_object(
        'tables', (
            select coalesce(json_agg(json_build_object(
                'name', c.relname, 'is_secured', c.relrowsecurity,
                'is_forced', c.relforcerowsecurity,
                'policies', (
                    select coalesce(json_agg(json_build_object(
                        'name', p.polname, 'command', p.polcmd::text,
                        'is_permissive', p.polpermissive,
                        'roles', (
                            select coalesce(json_agg(coalesce(r.rolname, 'public')), '[]')
                              from unnest(p.polroles) as bound (id)
                              left join pg_roles r on r.oid = bound.id),
                        'shows', pg_get_expr(p.polqual, p.polrelid),
                        'takes', pg_get_expr(p.polwithcheck, p.polrelid))), '[]')
                      from pg_policy p where p.polrelid = c.oid),
                'serves', coalesce((
                    select bool_and(has_table_privilege(role.service, c.oid, w.may))
                      from (values ('select'), ('insert'), ('update'), ('delete')) as w (may)
                        -- What was written down of money is never changed.
                     where not (c.relname = 'money_changes' and w.may in ('update', 'delete'))),
                    false),
                'users_read', coalesce(has_any_column_privilege(role.users, c.oid, 'select'), false),
                'users_write', coalesce(
                    has_table_privilege(role.users, c.oid, 'insert, update, delete, truncate')
                    or has_any_column_privilege(role.users, c.oid, 'insert, update'), false),
                'users_see_tokens', exists (
                    select from pg_attribute a
                     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                       and a.attname in ('access_sealed', 'refresh_sealed', 'fanvue_access_token',
                                         'fanvue_refresh_token')
                       and has_column_privilege(role.users, c.oid, a.attnum, 'select')),
                'is_open', coalesce(
                    has_table_privilege(role.anon, c.oid, 'insert, update, delete, truncate')
                    or has_any_column_privilege(role.anon, c.oid, 'select, insert, update'), false)
                ) order by c.relname), '[]')
              from pg_class c, role
             where c.relnamespace = to_regnamespace('public') and c.relkind in ('r', 'p')),
        'triggers', (
            select coalesce(json_agg(json_build_object(
                'name', c.relname || '.' || t.tgname, 'is_on', t.tgenabled in ('O', 'A'))), '[]')
              from pg_trigger t join pg_class c on c.oid = t.tgrelid
             where c.relnamespace = to_regnamespace('public') and not t.tgisinternal),
        'indexes', (
            select coalesce(json_agg(json_build_object(
                'name', c.relname, 'is_valid', i.indisvalid)), '[]')
              from pg_index i join pg_class c on c.oid = i.indexrelid
             where c.relnamespace = to_regnamespace('public')),
        'roles', (
            select coalesce(json_agg(r.rolname), '[]') from pg_roles r, role
             where r.oid in (role.anon, role.users, role.service)),
        'bypassing', (
            select coalesce(json_agg(r.rolname order by r.rolname), '[]') from pg_roles r, role
             where r.oid in (role.anon, role.users)
               and (r.rolsuper or r.rolbypassrls
                    or coalesce(pg_has_role(r.oid, role.service, 'MEMBER'), false))),
        'takes_users', (select pg_has_role(current_user, role.users, role.must) from role),
        'is_service', (
            select r.rolsuper or r.rolbypassrls
                   or coalesce(pg_has_role(current_user, role.service, 'USAGE'), false)
              from pg_roles r, role where r.rolname = current_user),
        'knows_users', to_regprocedure('auth.uid()') is not null
                       and to_regprocedure('auth.jwt()') is not null)";

const HISTORY: &str = "-- examine_history
    with ours as (
        select * from unnest($1::text[], $2::text[]) as o (version, sql)
    )
    select json_build_object(
        'missing', (
            select coalesce(json_agg(o.version order by o.version), '[]') from ours o
             where not exists (select from supabase_migrations.schema_migrations h
                                where h.version = o.version)),
        'newer', (
            select coalesce(json_agg(h.version order by h.version), '[]')
              from supabase_migrations.schema_migrations h
             where h.version > (select max(o.version) from ours o)),
        -- Supabase's command line keeps each statement by itself: those say nothing here.
        'changed', (
            select coalesce(json_agg(o.version order by o.version), '[]')
              from ours o join supabase_migrations.schema_migrations h on h.version = o.version
             where cardinality(h.statements) = 1 and h.statements[1] <> o.sql))";

impl Examiner {
    /// What is in the schema `public`, and what roles may.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn schema(&self) -> Result<Schema, Error> {
        self.told("examine_schema", SCHEMA, &[]).await
    }

    /// How the history of migrations differs from the build's.
    ///
    /// # Errors
    /// As for any statement; one without a history has none.
    pub async fn history(&self) -> Result<History, Error> {
        let versions: Vec<_> = MIGRATIONS.iter().map(|(version, ..)| *version).collect();
        let words: Vec<_> = MIGRATIONS.iter().map(|(.., sql)| *sql).collect();
        let params: super::Params<'_> =
            &[(&versions, Type::TEXT_ARRAY), (&words, Type::TEXT_ARRAY)];
        self.told("examine_history", HISTORY, params).await
    }
}
