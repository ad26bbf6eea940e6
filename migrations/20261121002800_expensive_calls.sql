-- Calls that cost much (a history read again, a diagnosis, a file), counted for all instances
-- together, so that nobody spends Fanvue's requests and the database's time of everybody. One row a caller
-- and agency, for ever: no more than there are users.

create table expensive_calls (
    agency_id  uuid not null references agencies (id) on delete cascade,
    -- The user's id; 'operator' for the holder of CRON_SECRET.
    caller     text not null,
    -- When those that still count were granted, the oldest first.
    granted_at timestamptz[] not null,
    -- Those refused since the last one that was granted.
    refused    integer not null,
    primary key (agency_id, caller)
);

-- As …_users.sql gives every table; shown to no user.
alter table expensive_calls enable row level security;
alter table expensive_calls force row level security;
revoke all on expensive_calls from public, anon, authenticated;
grant select, insert, update, delete on expensive_calls to service_role;
create policy service on expensive_calls for all to service_role using (true) with check (true);
create policy users on expensive_calls for select to authenticated using (false);
