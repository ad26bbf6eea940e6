-- The requests that the platform still allows us, one row a bucket, shared by every instance.
create table rate_budgets (
    agency_id      uuid not null,
    connection_id  uuid not null,
    -- 'account', or the uuid of the creator whose routes have a bucket of their own.
    bucket         text not null,
    request_limit  integer not null,
    remaining      integer not null,
    window_ends_at timestamptz not null,
    -- Nobody sends before this instant: the platform answered 429.
    paused_until   timestamptz,
    primary key (agency_id, connection_id, bucket),
    foreign key (agency_id, connection_id) references fanvue_connections (agency_id, id)
        on delete cascade
);
alter table rate_budgets enable row level security;

-- Whether all creators of the connection draw from one bucket. Documented otherwise; learnt.
alter table fanvue_connections add column bucket_shared boolean not null default false;

alter table fanvue_connections
    -- The platform refused the agency's totals then: its creators are read one by one.
    add column detector_refused_at timestamptz,
    -- When the agency's creators were last listed.
    add column creators_listed_at timestamptz;

alter table sync_state
    -- Since when the stream is set aside: it failed in a way that no retry mends.
    add column parked_at timestamptz,
    -- Refusals since the last success.
    add column refusals integer not null default 0,
    -- When all that was open had last been read from the feed itself.
    add column read_at timestamptz,
    -- The platform's totals by UTC day as last seen: {"2026-11-21": [gross, net]}, in cents.
    add column totals jsonb not null default '{}',
    -- The totals changed since the feed was last read: it has to be read, from there on.
    add column needs_read boolean not null default true,
    add column read_from timestamptz,
    -- Until then a change of the totals that the rows don't show keeps the creator being read.
    add column unexplained_until timestamptz,
    -- When the platform last told, by rows or by totals, that nothing is new.
    add column confirmed_at timestamptz;

create index sync_state_due on sync_state (next_sync_at) where parked_at is null;

-- As before, and a parked stream is taken up again: whoever asks for the history wants it read.
-- It fires whenever somebody sets the column to NULL; ticks never do.
drop trigger models_history_asked_again on models;
create trigger models_history_asked_again
    after update of last_transaction_sync on models
    for each row when (new.last_transaction_sync is null)
    execute function forget_earnings_stream();

create or replace function forget_earnings_stream() returns trigger
    language plpgsql set search_path = '' as $$
begin
    update public.sync_state
       set stream = '{}', watermark = null, last_cursor = null, next_sync_at = null,
           paused_until = null, lease_token = null, lease_expires_at = null, attempts = 0,
           refusals = 0, parked_at = null
     where agency_id = new.agency_id and model_id = new.id and sync_type = 'earnings';
    return null;
end $$;
