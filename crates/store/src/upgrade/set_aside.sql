-- Before the first migration, where an older system's tables have our names: they move out of the way as
-- they are, with their rows, indexes, triggers and policies, into a schema of their own. See docs/upgrade.md.
-- Runs in one transaction with all migrations up to 20261121001900_upgrade.sql, which takes over what they
-- hold: whoever reads or writes sees the tables of before, or ours with everything in them.

-- All locks at once, and before anything is changed. Rows come before what they refer to, as their writers
-- take them. Whoever is waited for too long is not held up any longer: everything is let go and tried again.
set local lock_timeout = '500ms';
-- Less than a second, after which Postgres looks for a circle and might end somebody else's query.
set local statement_timeout = '800ms';
do $$
declare
    named text;
begin
    for named in
        select format('%I.%I', n.nspname, c.relname)
          from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          left join unnest(array['fanvue_transactions', 'sync_state', 'subscriber_history',
                                 'agency_fanvue_connections', 'models', 'profiles', 'agencies'])
               with ordinality as known (relname, place)
            on known.relname = c.relname and n.nspname = 'public'
         where c.relkind in ('r', 'p')
           and (known.place is not null
                or exists (
                    select from pg_catalog.pg_constraint f
                     where f.contype = 'f' and f.conrelid = c.oid
                       and f.confrelid in (to_regclass('public.agencies'), to_regclass('public.profiles'),
                                           to_regclass('public.models'))))
         order by known.place nulls first, 1
    loop
        execute format('lock table %s in access exclusive mode', named);
    end loop;
end $$;
set local statement_timeout = 0;

create schema if not exists before_heartbeat;
revoke all on schema before_heartbeat from public;

do $$
declare
    theirs record;
begin
    for theirs in
        select c.relname, c.relkind from pg_catalog.pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
           and c.relname in (
               'agencies', 'profiles', 'models', 'fanvue_transactions', 'sync_state', 'subscriber_history',
               'agency_fanvue_connections', 'fanvue_connections', 'revenue_daily', 'earning_rejects',
               'rate_budgets', 'absent_transactions', 'voided_transactions', 'fanvue_logins',
               'webhook_events', 'provisional_transactions', 'fan_events', 'unread_messages',
               'fanvue_used_codes', 'revenue_sums', 'fan_days', 'fan_counts', 'sync_jobs',
               'sync_job_creators', 'audience_streams', 'proofs', 'proof_sums', 'proof_days', 'repairs',
               'money_changes', 'upgrade_receipts', 'expensive_calls')
    loop
        execute format('alter %s public.%I set schema before_heartbeat',
                       case theirs.relkind when 'v' then 'view' when 'm' then 'materialized view'
                                           else 'table' end, theirs.relname);
    end loop;
    -- What the older system's code calls to move its cursors and to store its tokens: ours are not its to move.
    for theirs in
        select p.oid::regprocedure as called from pg_catalog.pg_proc p
         where p.pronamespace = 'public'::regnamespace
           and p.proname in ('mark_sync_complete', 'update_fanvue_token')
    loop
        execute format('alter function %s set schema before_heartbeat', theirs.called);
    end loop;
end $$;
