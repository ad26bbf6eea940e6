-- Who works when, who came, what is to be posted when, and what was told of those who did not come and of
-- what was not posted. The first three tables have the names and columns of the older system, whose front
-- end fills them; nothing here does but for `content_tasks.status`.

-- Where an older system has these tables already, they are taken as they are: what they lack is added, and
-- their keys, types and further columns stay. One that can't be read as ours, and any `alerts`, keeps its
-- rows under a name that says so, shut to users.
do $$
declare
    wanted record;
    there  regclass;
    is_fit boolean;
    kept   text;
begin
    for wanted in
        select * from (values
            ('shifts', array['id', 'agency_id', 'start_time', 'end_time', 'status'],
             array['id', 'agency_id', 'employee_id', 'model_id'], array['start_time', 'end_time'],
             array['employee_id uuid', 'model_id uuid', 'title text', 'notes text', 'created_by uuid',
                   'created_at timestamptz', 'updated_at timestamptz']),
            ('timesheets', array['id', 'agency_id', 'employee_id', 'clock_in'],
             array['id', 'agency_id', 'employee_id', 'shift_id'], array['clock_in', 'clock_out'],
             array['shift_id uuid', 'clock_out timestamptz', 'clock_in_ip text', 'clock_out_ip text',
                   'total_minutes integer', 'is_late boolean', 'late_minutes integer',
                   'is_early_leave boolean', 'early_leave_minutes integer', 'status text',
                   'created_at timestamptz', 'updated_at timestamptz']),
            ('content_tasks', array['id', 'agency_id', 'scheduled_at', 'status'],
             array['id', 'agency_id', 'model_id'], array['scheduled_at', 'posted_at', 'updated_at'],
             array['title text', 'caption text', 'media_url text', 'notes text', 'platform text',
                   'content_type text', 'priority text', 'posted_at timestamptz', 'model_id uuid',
                   'assignee_id uuid', 'vault_asset_id uuid', 'tags text[]', 'created_by uuid',
                   'created_at timestamptz', 'updated_at timestamptz']),
            ('alerts', array['a table of ours'], array[]::text[], array[]::text[], array[]::text[]))
            as known (tbl, must, uuids, instants, additions)
    loop
        there := to_regclass(format('public.%I', wanted.tbl));
        continue when there is null;
        is_fit := exists (select from pg_catalog.pg_class c where c.oid = there and c.relkind in ('r', 'p'))
            and not exists (
                select from unnest(wanted.must) as m (name)
                 where not exists (
                    select from pg_catalog.pg_attribute a
                     where a.attrelid = there and a.attname = m.name and a.attnum > 0
                       and not a.attisdropped))
            and not exists (
                select from pg_catalog.pg_attribute a
                 where a.attrelid = there and a.attnum > 0 and not a.attisdropped
                   and (a.attname = any(wanted.uuids) and a.atttypid <> 'uuid'::regtype
                        or a.attname = any(wanted.instants) and a.atttypid <> 'timestamptz'::regtype
                        or a.attname = 'status' and 'status' = any(wanted.must)
                           and a.atttypid not in ('text'::regtype, 'varchar'::regtype)
                           and (select count(*) from pg_catalog.pg_enum e
                                 where e.enumtypid = a.atttypid
                                   and e.enumlabel in ('scheduled', 'missed')) < 2));
        if is_fit then
            execute (
                select format('alter table public.%I %s', wanted.tbl,
                              string_agg('add column if not exists ' || one, ', '))
                  from unnest(wanted.additions) as one);
            if wanted.tbl = 'shifts' then
                -- Time sheets refer to it, also where the key of the older table is the id alone.
                execute 'create unique index if not exists shifts_of_agency on public.shifts (agency_id, id)';
            end if;
        else
            kept := wanted.tbl || '_before_heartbeat';
            execute format('alter table public.%I rename to %I', wanted.tbl, kept);
            execute format('revoke all on public.%I from public, anon, authenticated', kept);
            raise warning 'the table % of an older system is called % now', wanted.tbl, kept;
        end if;
    end loop;
end $$;

-- A person who is taken out leaves shifts and time sheets behind, for the books.
create table if not exists shifts (
    id          uuid not null default gen_random_uuid(),
    agency_id   uuid not null references agencies (id) on delete cascade,
    employee_id uuid references profiles (id) on delete set null,
    model_id    uuid,
    start_time  timestamptz not null,
    end_time    timestamptz not null,
    title       text,
    notes       text,
    status      text not null default 'scheduled'
                check (status in ('scheduled', 'in_progress', 'completed', 'missed', 'cancelled')),
    created_by  uuid,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    primary key (agency_id, id),
    foreign key (agency_id, model_id) references models (agency_id, id)
        on delete set null (model_id)
);
create index if not exists shifts_by_id on shifts (id);
create index if not exists shifts_of_employee on shifts (employee_id, start_time);
create index if not exists shifts_expected on shifts (start_time) where status = 'scheduled';

-- A time at work, from a clock-in to a clock-out.
create table if not exists timesheets (
    id                  uuid not null default gen_random_uuid(),
    agency_id           uuid not null references agencies (id) on delete cascade,
    employee_id         uuid references profiles (id) on delete set null,
    shift_id            uuid,
    clock_in            timestamptz not null default now(),
    clock_out           timestamptz,
    clock_in_ip         text,
    clock_out_ip        text,
    total_minutes       integer,
    is_late             boolean not null default false,
    late_minutes        integer not null default 0,
    is_early_leave      boolean not null default false,
    early_leave_minutes integer not null default 0,
    status              text not null default 'active',
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    primary key (agency_id, id),
    foreign key (agency_id, shift_id) references shifts (agency_id, id) on delete set null (shift_id)
);
create index if not exists timesheets_of_shift on timesheets (agency_id, shift_id);
create index if not exists timesheets_of_employee on timesheets (employee_id, clock_in);

create table if not exists content_tasks (
    id             uuid not null default gen_random_uuid(),
    agency_id      uuid not null references agencies (id) on delete cascade,
    title          text not null,
    caption        text,
    media_url      text,
    notes          text,
    platform       text not null,
    content_type   text not null,
    status         text not null default 'idea'
                   check (status in ('idea', 'draft', 'scheduled', 'posted', 'missed', 'cancelled')),
    priority       text not null default 'normal',
    scheduled_at   timestamptz,
    posted_at      timestamptz,
    model_id       uuid,
    assignee_id    uuid references profiles (id) on delete set null,
    vault_asset_id uuid,
    tags           text[],
    created_by     uuid,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    primary key (agency_id, id),
    foreign key (agency_id, model_id) references models (agency_id, id)
        on delete set null (model_id)
);
create index if not exists content_tasks_by_id on content_tasks (id);
create index if not exists content_tasks_of_assignee on content_tasks (assignee_id);
create index if not exists content_tasks_planned on content_tasks (scheduled_at)
    where status = 'scheduled' and posted_at is null;

-- What is told of a shift or a task, noted before it is told: once for ever, because the row stays.
create table alerts (
    agency_id        uuid not null references agencies (id) on delete cascade,
    kind             text not null check (kind in ('late_shift', 'missed_post')),
    -- The shift or the content task. It may be gone since.
    subject_id       uuid not null,
    -- When it should have begun or been posted. Planned for another time it is another matter.
    due_at           timestamptz not null,
    -- waiting: to be sent. sent: Telegram took it. dropped: no longer true before it was sent.
    -- not_configured: there was no chat to send it to. failed: given up, and reason says why.
    state            text not null default 'waiting'
                     check (state in ('waiting', 'sent', 'dropped', 'not_configured', 'failed')),
    -- Why the last attempt failed.
    reason           text,
    attempts         integer not null default 0,
    -- Nobody sends it before this instant.
    retry_at         timestamptz,
    -- It may have been sent already: an answer was lost, or whoever held it died.
    is_doubtful      boolean not null default false,
    lease_token      uuid,
    lease_expires_at timestamptz,
    noted_at         timestamptz not null,
    settled_at       timestamptz,
    primary key (agency_id, kind, subject_id, due_at)
);
create index alerts_waiting on alerts (kind, noted_at) where state = 'waiting';

-- Whether anybody clocked in: for this shift, or the same person before it, who was still at work when it
-- became late, or later, before it ended and for no shift by name. A clock-out that was forgotten the day
-- before proves nothing.
create function is_clocked_in(
    agency uuid, shift uuid, employee uuid, late_at timestamptz, ends_at timestamptz)
    returns boolean language sql stable as $$
    select exists (
        select 1 from public.timesheets t
         where t.agency_id = agency
           and (t.shift_id = shift
                or t.employee_id = employee
                   and (t.clock_in <= late_at or t.shift_id is null and t.clock_in < ends_at)
                   and t.clock_in > late_at - interval '1 day'
                   and (t.clock_out is null or t.clock_out > late_at)))
$$;
revoke all on function is_clocked_in(uuid, uuid, uuid, timestamptz, timestamptz)
    from public, anon, authenticated;
grant execute on function is_clocked_in(uuid, uuid, uuid, timestamptz, timestamptz) to service_role;

-- As …_users.sql does for every table: shut to all but the service, and its rows to users of the agency in
-- a role that shows figures, for they say who came late. From where somebody clocked in is shown to nobody.
do $$
declare
    rule   record;
    theirs record;
begin
    for rule in
        select * from (values
            ('shifts',        'agency_id, id, employee_id, model_id, start_time, end_time, title, notes,
                               status, created_by, created_at, updated_at'),
            ('timesheets',    'agency_id, id, employee_id, shift_id, clock_in, clock_out, total_minutes,
                               is_late, late_minutes, is_early_leave, early_leave_minutes, status,
                               created_at, updated_at'),
            ('content_tasks', 'agency_id, id, title, caption, media_url, notes, platform, content_type,
                               status, priority, scheduled_at, posted_at, model_id, assignee_id,
                               vault_asset_id, tags, created_by, created_at, updated_at'),
            ('alerts',        'agency_id, kind, subject_id, due_at, state, reason, attempts, retry_at,
                               noted_at, settled_at')) as rules (tbl, columns)
    loop
        -- Those of an older system would show rows to others besides.
        for theirs in
            select p.polname from pg_catalog.pg_policy p
             where p.polrelid = format('public.%I', rule.tbl)::regclass
        loop
            execute format('drop policy %I on public.%I', theirs.polname, rule.tbl);
        end loop;
        execute format('alter table public.%I enable row level security', rule.tbl);
        execute format('alter table public.%I force row level security', rule.tbl);
        execute format('revoke all on public.%I from public, anon, authenticated', rule.tbl);
        execute format('grant select, insert, update, delete on public.%I to service_role', rule.tbl);
        execute format('create policy service on public.%I for all to service_role
                        using (true) with check (true)', rule.tbl);
        execute format('create policy users on public.%I for select to authenticated
                        using (agency_id = (select public.user_agency_with_figures()))', rule.tbl);
        execute format('grant select (%s) on public.%I to authenticated', rule.columns, rule.tbl);
    end loop;
end $$;
