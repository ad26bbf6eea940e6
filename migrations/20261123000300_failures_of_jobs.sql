-- A history that the nightly proof began to read again and nobody gets to the end of holds up the others of its
-- agency only so often. See docs/adr/0024-every-day-is-proved-at-night.md.

alter table sync_job_creators
    -- How often its reading failed since the job began. Waiting for requests is no failure.
    add column failures bigint not null default 0;

-- As the other columns.
grant select (failures) on sync_job_creators to authenticated;
