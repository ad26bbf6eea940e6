-- The ledger and what surrounds it. Amounts are stored in whole cents (bigint); the columns that
-- existing dashboards read (amount, revenue_total, …) are generated from them and can't drift.
-- Every tenant table leads its keys with agency_id, so that a schema can be split by agency.

create table agencies (
    id         uuid primary key default gen_random_uuid(),
    name       text not null,
    timezone   text not null default 'UTC',
    currency   text not null default 'USD',
    -- Raised by every commit that changes what a dashboard shows.
    revision   bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table profiles (
    id         uuid primary key,
    agency_id  uuid references agencies (id) on delete cascade,
    username   text,
    role       text not null default 'viewer',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index profiles_by_agency on profiles (agency_id);

-- An authorisation at the platform. Tokens are sealed (AES-256-GCM) and bound to their row.
create table fanvue_connections (
    id                  uuid not null,
    agency_id           uuid not null references agencies (id) on delete cascade,
    kind                text not null check (kind in ('agency', 'creator')),
    account_uuid        text not null,
    account_handle      text,
    account_is_creator  boolean not null default false,
    routes              text not null default 'v1' check (routes in ('v1', 'unprefixed')),
    scope               text not null default '',
    state               text not null default 'active' check (state in ('active', 'revoked')),
    access_sealed       bytea not null,
    refresh_sealed      bytea,
    obtained_at         timestamptz not null,
    expires_at          timestamptz not null,
    -- Set before the platform is asked for a new pair: a crash in between is seen by the next one.
    refresh_intended_at timestamptz,
    last_error          text,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    primary key (agency_id, id),
    unique (agency_id, account_uuid)
);

-- A creator. The agencies' word is "model".
create table models (
    id                    uuid not null default gen_random_uuid(),
    agency_id             uuid not null references agencies (id) on delete cascade,
    name                  text not null,
    status                text not null default 'active',
    avatar_url            text,
    fanvue_user_uuid      text,
    fanvue_username       text,
    connection_id         uuid,
    -- 'sealed' while a connection reads this creator; the token itself is in fanvue_connections.
    fanvue_access_token   text,
    fanvue_token_expires_at timestamptz,
    revenue_total_cents   bigint not null default 0,
    net_total_cents       bigint not null default 0,
    transactions_total    bigint not null default 0,
    revenue_total         numeric(18, 2) generated always as (revenue_total_cents / 100.0) stored,
    net_total             numeric(18, 2) generated always as (net_total_cents / 100.0) stored,
    -- Everything before this instant is in the ledger. NULL: the history is not complete.
    -- Setting it to NULL makes the next tick read the whole history again.
    last_transaction_sync timestamptz,
    subscribers_count     integer,
    followers_count       integer,
    posts_count           integer,
    unread_messages       integer,
    stats_updated_at      timestamptz,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    primary key (agency_id, id),
    unique (agency_id, fanvue_user_uuid),
    foreign key (agency_id, connection_id) references fanvue_connections (agency_id, id)
        on delete set null (connection_id)
);
create index models_by_id on models (id);

-- The ledger: one row an earning, sales and reversals alike. Unique by what makes an earning
-- itself: the platform's id, or '~<content>~<occurrence>' for rows that came without one.
create table fanvue_transactions (
    id                      uuid not null default gen_random_uuid(),
    agency_id               uuid not null,
    model_id                uuid not null,
    fanvue_transaction_id   text not null,
    transaction_date        timestamptz not null,
    transaction_type        text not null,
    amount_cents            bigint not null,
    net_cents               bigint not null,
    total_cents             bigint,
    amount                  numeric(18, 2) generated always as (amount_cents / 100.0) stored,
    net_amount              numeric(18, 2) generated always as (net_cents / 100.0) stored,
    platform_fee            numeric(18, 2)
                            generated always as ((amount_cents - net_cents) / 100.0) stored,
    currency                text,
    status                  text check (status in ('pendingBalance', 'availableForPayout')),
    fan_id                  text,
    fan_handle              text,
    fan_display_name        text,
    message_uuid            text,
    post_uuid               text,
    reverses_transaction_id text,
    created_at              timestamptz not null,
    synced_at               timestamptz not null,
    primary key (agency_id, model_id, fanvue_transaction_id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index fanvue_transactions_by_time
    on fanvue_transactions (agency_id, model_id, transaction_date desc);

-- Sums by creator, civil day in the agency's zone, and source; kept in the ledger's transaction.
create table revenue_daily (
    agency_id         uuid not null,
    model_id          uuid not null,
    day               date not null,
    source            text not null,
    gross_cents       bigint not null,
    net_cents         bigint not null,
    transaction_count bigint not null,
    primary key (agency_id, model_id, day, source),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index revenue_daily_by_day on revenue_daily (agency_id, day);

-- Rows of the feed that are no earning: kept whole with the reason, counted nowhere.
create table earning_rejects (
    agency_id     uuid not null,
    model_id      uuid not null,
    digest        text not null,
    reason        text not null,
    raw           text not null,
    first_seen_at timestamptz not null,
    primary key (agency_id, model_id, digest),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- The queue of streams, and how far each has been read.
create table sync_state (
    agency_id        uuid not null references agencies (id) on delete cascade,
    model_id         uuid,
    sync_type        text not null,
    -- The reading state: newest window and the spans still open. See ledger::Stream.
    stream           jsonb not null default '{}',
    watermark        timestamptz,
    last_cursor      text,
    last_sync_at     timestamptz,
    next_sync_at     timestamptz,
    -- When a tick last took the stream up, successful or not.
    tried_at         timestamptz,
    -- No tick takes the stream before this instant: the platform asked us to wait.
    paused_until     timestamptz,
    lease_token      uuid,
    lease_expires_at timestamptz,
    attempts         integer not null default 0,
    last_error       text,
    last_error_at    timestamptz,
    unique nulls not distinct (agency_id, model_id, sync_type),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

create table subscriber_history (
    agency_id         uuid not null,
    model_id          uuid not null,
    date              date not null,
    subscribers_count integer,
    followers_count   integer,
    total_audience    integer generated always as (subscribers_count + followers_count) stored,
    created_at        timestamptz not null default now(),
    primary key (agency_id, model_id, date),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- `update models set last_transaction_sync = null` asks for the whole history: forget how far the
-- stream was read, and take the lease from whoever reads it now, so that nothing half-read stays.
create function forget_earnings_stream() returns trigger
    language plpgsql set search_path = '' as $$
begin
    update public.sync_state
       set stream = '{}', watermark = null, last_cursor = null, next_sync_at = null,
           paused_until = null, lease_token = null, lease_expires_at = null, attempts = 0
     where agency_id = new.agency_id and model_id = new.id and sync_type = 'earnings';
    return null;
end $$;

create trigger models_history_asked_again
    after update of last_transaction_sync on models
    for each row when (old.last_transaction_sync is not null and new.last_transaction_sync is null)
    execute function forget_earnings_stream();

-- Nobody but the owner sees a row until a policy says so.
alter table agencies enable row level security;
alter table profiles enable row level security;
alter table fanvue_connections enable row level security;
alter table models enable row level security;
alter table fanvue_transactions enable row level security;
alter table revenue_daily enable row level security;
alter table earning_rejects enable row level security;
alter table sync_state enable row level security;
alter table subscriber_history enable row level security;
