-- What the forecast of a job must not trust, and what else it learns. See
-- docs/adr/0020-a-job-is-a-name-on-windows.md.

alter table sync_job_creators
    -- How often its reading had to wait for requests: how often somebody comes is told by it.
    add column pauses          bigint not null default 0,
    -- Windows of requests that a 429 cut short: how long they are, until reading went on, what was sent in them
    -- all the same, and the end of the last. They say little of those to come.
    add column spoilt_seconds  bigint not null default 0,
    add column spoilt_requests bigint not null default 0,
    add column spoilt_until    timestamptz,
    -- The ledger is known to end before the platform does: it was never read to its end, or older rows were
    -- taken from it.
    add column ends_early      boolean not null default false;

-- As the other columns: who sees figures sees how long they take.
grant select (pauses, spoilt_seconds, spoilt_requests, spoilt_until, ends_early)
    on sync_job_creators to authenticated;

-- Rows that were taken are few among all changes of money, and whoever begins a job of many creators asks for them.
create index money_changes_taken on money_changes (agency_id, model_id)
    where tbl = 'fanvue_transactions' and op = 'delete';
