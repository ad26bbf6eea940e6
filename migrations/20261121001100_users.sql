-- Users: what each may see is decided here, by row-level security, also where a handler forgets to ask
-- and where a front end reads the tables itself. Users only read; the service writes.
-- See docs/adr/0014-users-see-what-the-database-shows-them.md.

-- Supabase has these roles; elsewhere they are made. Roles belong to the whole server, so another of its
-- databases may be migrated at this moment.
do $$
declare
    wanted text;
    must   constant text :=
        case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
    is_bypassing constant boolean :=
        (select rolsuper or rolbypassrls from pg_catalog.pg_roles where rolname = current_user);
begin
    foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin noinherit', wanted);
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
    end loop;
    -- The service reads for a user in this role.
    if not pg_has_role(current_user, 'authenticated', must) then
        execute format('grant authenticated to %I', current_user);
    end if;
    -- Policies bind the owner too. What the service may do, it may as service_role.
    if not (is_bypassing or pg_has_role(current_user, 'service_role', 'USAGE')) then
        execute format('grant service_role to %I', current_user);
    end if;
    if not (pg_has_role(current_user, 'authenticated', must)
            and (is_bypassing or pg_has_role(current_user, 'service_role', 'USAGE'))) then
        raise insufficient_privilege;
    end if;
exception when insufficient_privilege then
    raise exception 'the roles of users can''t be made or taken by %', current_user using hint = format(
        'as an administrator: create role anon nologin noinherit; create role authenticated nologin '
        'noinherit; create role service_role nologin noinherit; alter role %1$I inherit; '
        'grant authenticated, service_role to %1$I; then migrate again', current_user);
end $$;

-- Who asks, from the claims that were set for this transaction. On Supabase both functions are there.
do $$
begin
    if to_regprocedure('auth.uid()') is not null and to_regprocedure('auth.jwt()') is not null then
        return;
    end if;
    create schema if not exists auth;
    grant usage on schema auth to anon, authenticated, service_role;
    create or replace function auth.jwt() returns jsonb language sql stable
        as 'select nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb';
    create or replace function auth.uid() returns uuid language sql stable
        as 'select (nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::uuid';
end $$;

-- Whether a token can be refreshed, for those who may not see it.
alter table fanvue_connections
    add column has_refresh boolean generated always as (refresh_sealed is not null) stored;

-- The agency whose rows the user may see, and whose figures. Sessions keep the plans of plpgsql, so a policy
-- costs a look at one row, once a statement; the same as a subquery is planned anew for each table. They
-- run as the user, who sees their own profile alone.
create function user_agency() returns uuid language plpgsql stable as $$
begin
    return (select p.agency_id from public.profiles p where p.id = (select auth.uid()));
end $$;

create function user_agency_with_figures() returns uuid language plpgsql stable as $$
begin
    return (select p.agency_id from public.profiles p
             where p.id = (select auth.uid()) and p.role in ('owner', 'admin', 'manager'));
end $$;

revoke all on function user_agency(), user_agency_with_figures() from public, anon;
grant execute on function user_agency(), user_agency_with_figures() to authenticated, service_role;

-- Every table is shut to everybody; the service may do all; users see rows of their own agency, and
-- those of figures and fans only in a role that may. A column's right is given by its name: a new one is
-- not seen until somebody says so.
do $$
declare
    mine    constant text := 'agency_id = (select public.user_agency())';
    figures constant text := 'agency_id = (select public.user_agency_with_figures())';
    rule    record;
begin
    for rule in
        select * from (values
            ('profiles',                 'id = (select auth.uid())',        '*'),
            ('agencies',                 'id = (select public.user_agency())', '*'),
            ('subscriber_history',       mine,    '*'),
            ('models',                   figures,
                'agency_id, id, name, status, avatar_url, fanvue_user_uuid, fanvue_username, connection_id,
                 revenue_total_cents, net_total_cents, transactions_total, revenue_total, net_total,
                 last_transaction_sync, subscribers_count, followers_count, posts_count, unread_messages,
                 stats_updated_at, created_at, updated_at'),
            ('fanvue_connections',       figures,
                'agency_id, id, kind, account_uuid, account_handle, account_is_creator, routes, scope, state,
                 has_refresh, obtained_at, expires_at, refresh_intended_at, last_error, created_at,
                 updated_at, creators_listed_at, owes_import, is_identified'),
            ('sync_state',               figures,
                'agency_id, model_id, sync_type, watermark, last_sync_at, next_sync_at, tried_at,
                 paused_until, lease_expires_at, attempts, last_error, last_error_at, parked_at, refusals,
                 read_at, needs_read, read_from, confirmed_at'),
            ('earning_rejects',          figures, 'agency_id, model_id, digest, reason, first_seen_at'),
            ('fanvue_transactions',      figures, '*'),
            ('revenue_daily',            figures, '*'),
            ('absent_transactions',      figures, '*'),
            ('voided_transactions',      figures, '*'),
            ('provisional_transactions', figures, '*'),
            ('fan_events',               figures, '*'),
            ('unread_messages',          figures, '*'),
            ('rate_budgets',             'false', null),
            ('fanvue_logins',            'false', null),
            ('fanvue_used_codes',        'false', null),
            ('webhook_events',           'false', null)) as rules (tbl, shown, columns)
    loop
        execute format('alter table public.%I enable row level security', rule.tbl);
        execute format('alter table public.%I force row level security', rule.tbl);
        execute format('revoke all on public.%I from public, anon, authenticated', rule.tbl);
        execute format('grant select, insert, update, delete on public.%I to service_role', rule.tbl);
        execute format('create policy service on public.%I for all to service_role
                        using (true) with check (true)', rule.tbl);
        execute format('create policy users on public.%I for select to authenticated using (%s)',
                       rule.tbl, rule.shown);
        if rule.columns = '*' then
            select string_agg(quote_ident(a.attname), ', ') into rule.columns from pg_catalog.pg_attribute a
             where a.attrelid = format('public.%I', rule.tbl)::regclass and a.attnum > 0
               and not a.attisdropped;
        end if;
        if rule.columns is not null then
            execute format('grant select (%s) on public.%I to authenticated', rule.columns, rule.tbl);
        end if;
    end loop;
end $$;
