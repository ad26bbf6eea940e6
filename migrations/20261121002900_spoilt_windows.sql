-- What a forecast of a job must not trust. Windows of requests that a 429 cut short while a job was read: how long they were, and what was sent in them
-- all the same, and the end of the last. They say little of those to come. See docs/adr/0020-a-job-is-a-name-on-windows.md.

alter table sync_job_creators
    add column spoilt_seconds  bigint not null default 0,
    add column spoilt_requests bigint not null default 0,
    add column spoilt_until    timestamptz,
    -- The ledger is known to end before the platform does: it was never read to its end, or older rows were
    -- taken from it.
    add column ends_early      boolean not null default false;

-- As the other columns: who sees figures sees how long they take.
grant select (spoilt_seconds, spoilt_requests, spoilt_until, ends_early) on sync_job_creators to authenticated;
