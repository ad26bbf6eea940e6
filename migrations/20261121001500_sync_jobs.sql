-- Jobs: a name on the reading of histories that somebody asked for. What is read, and how far, stays in
-- sync_state; here is whose it was, and what the commits of that reading counted.
-- See docs/adr/0020-a-job-is-a-name-on-windows.md.

create table sync_jobs (
    id         uuid not null,
    agency_id  uuid not null references agencies (id) on delete cascade,
    -- The creator that was asked for; NULL for all of the agency's.
    model_id   uuid,
    -- The user who asked; NULL for the operator.
    asked_by   uuid,
    begun_at   timestamptz not null,
    primary key (agency_id, id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index sync_jobs_by_id on sync_jobs (id);
create index sync_jobs_by_time on sync_jobs (agency_id, begun_at desc, id desc);

-- A job runs while one of these is open. Counters are raised by the commit that books what they count.
create table sync_job_creators (
    agency_id            uuid not null,
    job_id               uuid not null,
    model_id             uuid not null,
    -- What the ledger held when the job began.
    rows_known           bigint not null,
    cents_known          bigint not null,
    known_from           timestamptz,
    pages                bigint not null default 0,
    requests             bigint not null default 0,
    rows_read            bigint not null default 0,
    gross_read_cents     bigint not null default 0,
    rows_added           bigint not null default 0,
    cents_added          bigint not null default 0,
    -- Of the pass under way: its rows; the ledger's rows outside of what it has seen, from before
    -- known_from, and all.
    pass_rows            bigint not null default 0,
    rows_ahead           bigint not null,
    rows_beyond          bigint not null default 0,
    rows_held            bigint not null,
    -- What the platform says was sold in all, where it was asked.
    gross_promised_cents bigint,
    first_read_at        timestamptz,
    last_read_at         timestamptz,
    -- Rows read when the platform last asked us to wait, and until when: requests come in bursts, and
    -- only whole ones tell a pace.
    paced_rows           bigint,
    paced_until          timestamptz,
    -- What was shown of it. Never lowered.
    per_mille            integer not null default 0 check (per_mille between 0 and 1000),
    ended_at             timestamptz,
    outcome              text check (outcome in ('done', 'parked', 'disconnected')),
    reason               text,
    primary key (agency_id, job_id, model_id),
    check ((ended_at is null) = (outcome is null)),
    foreign key (agency_id, job_id) references sync_jobs (agency_id, id) on delete cascade,
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index sync_job_creators_open on sync_job_creators (agency_id, model_id) where ended_at is null;
create index sync_job_creators_done on sync_job_creators (agency_id, model_id, ended_at desc)
    where outcome = 'done';

-- As …_users.sql gives every table: users see those of their agency in a role that shows figures.
do $$
declare
    tbl     text;
    columns text;
begin
    foreach tbl in array array['sync_jobs', 'sync_job_creators'] loop
        execute format('alter table public.%I enable row level security', tbl);
        execute format('alter table public.%I force row level security', tbl);
        execute format('revoke all on public.%I from public, anon, authenticated', tbl);
        execute format('grant select, insert, update, delete on public.%I to service_role', tbl);
        execute format('create policy service on public.%I for all to service_role
                        using (true) with check (true)', tbl);
        execute format('create policy users on public.%I for select to authenticated
                        using (agency_id = (select public.user_agency_with_figures()))', tbl);
        select string_agg(quote_ident(a.attname), ', ') into columns from pg_catalog.pg_attribute a
         where a.attrelid = format('public.%I', tbl)::regclass and a.attnum > 0 and not a.attisdropped;
        execute format('grant select (%s) on public.%I to authenticated', columns, tbl);
    end loop;
end $$;

-- Whether creators share a bucket decides how long several histories take.
grant select (bucket_shared) on fanvue_connections to authenticated;
