-- The nightly proof: which days of which creators were compared with Fanvue's totals, which of them differ, and
-- what was repaired. See docs/adr/0024-every-day-is-proved-at-night.md.

-- How far the proof of a creator has come. No row: never compared.
create table proofs (
    agency_id     uuid not null,
    model_id      uuid not null,
    -- The night in which it was compared last: the first UTC day that is not part of the comparison.
    compared_to   date,
    compared_at   timestamptz,
    -- Nobody else asks about the creator before this instant.
    claimed_until timestamptz,
    -- When that was begun last, whether or not it came to an end: whoever fails goes last.
    tried_at      timestamptz,
    primary key (agency_id, model_id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- In which night the sums that follow from an agency's ledger were compared with it last. Null: never.
create table proof_sums (
    agency_id  uuid primary key references agencies (id) on delete cascade,
    checked_to date,
    checked_at timestamptz,
    -- When that was begun last, whether or not it came to an end: whoever fails goes last.
    tried_at   timestamptz
);

-- UTC days on which Fanvue's total is not that of the rows. A day that agrees again leaves this table.
create table proof_days (
    agency_id          uuid not null,
    model_id           uuid not null,
    day                date not null,
    -- open: to be read again. reading: its windows are open on the stream. settled: read again, and it
    -- differs all the same.
    state              text not null check (state in ('open', 'reading', 'settled')),
    -- Fanvue's total when it was asked last.
    platform_cents     bigint not null,
    platform_net_cents bigint not null,
    -- The rows without what totals leave out: as they were found, and as they are known last.
    found_cents        bigint not null,
    found_net_cents    bigint not null,
    found_rows         bigint not null,
    ledger_cents       bigint not null,
    ledger_net_cents   bigint not null,
    ledger_rows        bigint not null,
    found_at           timestamptz not null,
    -- Times that it was read again, and before when it is not: a row is void only an hour after it was
    -- missing first.
    reads              integer not null default 0,
    not_before         timestamptz,
    settled_at         timestamptz,
    primary key (agency_id, model_id, day),
    check ((state = 'settled') = (settled_at is not null)),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- A difference takes a creator's figures their word "exact".
create constraint trigger proof_days_listed
    after insert or delete on proof_days deferrable initially deferred
    for each row execute function raise_revision();

-- What the proof repaired: a receipt each, kept.
create table repairs (
    agency_id    uuid not null references agencies (id) on delete cascade,
    id           uuid not null default gen_random_uuid(),
    -- NULL: a sum over all creators.
    model_id     uuid,
    -- rows: of the ledger, on a UTC day. sums: what follows from it.
    kind         text not null check (kind in ('rows', 'sums')),
    day          date,
    cause        text not null,
    before_cents bigint not null,
    after_cents  bigint not null,
    before_rows  bigint not null,
    after_rows   bigint not null,
    -- What was asked, Fanvue's total where it was told, and the keys of the rows.
    evidence     jsonb not null,
    repaired_at  timestamptz not null,
    primary key (agency_id, id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index repairs_by_time on repairs (agency_id, repaired_at desc, id desc);
create index repairs_of_creator on repairs (agency_id, model_id, repaired_at desc, id desc);

-- A history that the proof reads again is a job that nobody asked for.
alter table sync_jobs add column is_proof boolean not null default false;
create index sync_jobs_of_proof on sync_jobs (agency_id, begun_at desc) where is_proof;
grant select (is_proof) on sync_jobs to authenticated;

-- As …_users.sql gives every table: users see those of their agency in a role that shows figures.
do $$
declare
    tbl     text;
    columns text;
begin
    foreach tbl in array array['proofs', 'proof_sums', 'proof_days', 'repairs'] loop
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
