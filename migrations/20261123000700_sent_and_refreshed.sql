-- What a monitor counts and no row told: requests that were sent, and pairs of tokens that took the place of others.

alter table rate_budgets
    -- Requests that were taken from the bucket since the row is there, by all instances.
    add column requests_sent bigint not null default 0;

alter table fanvue_connections
    -- How often the stored pair was replaced by a new one.
    add column refreshes bigint not null default 0;

-- What failed is little of what was, and a monitor asks for it every minute.
create index alerts_failed on alerts (kind) where state = 'failed';
create index sync_job_creators_unread on sync_job_creators (ended_at) where outcome <> 'done';
