-- What Fanvue tells by webhook: kept whole before anything of it is understood, and what follows.

-- One row an event, for ever: a repeated delivery finds its key here. Not led by an agency, because
-- an event is stored before anybody knows whose it is.
create table webhook_events (
    event_key    text primary key,
    topic        text,
    signed_at    timestamptz not null,
    received_at  timestamptz not null,
    body         bytea,
    state        text not null default 'new' check (state in ('new', 'done', 'quarantined')),
    -- Of a quarantined event: what could not be understood. Never a value of the body.
    reason       text,
    -- Attempts to understand it that failed on our side.
    attempts     integer not null default 0,
    settled_at   timestamptz
);
create index webhook_events_new on webhook_events (received_at) where state = 'new';
create index webhook_events_quarantined on webhook_events (received_at)
    where state = 'quarantined';

-- Sales and reversals that only a webhook told of. Open ones are shown beside the ledger's rows;
-- each is settled by the row of the feed that is the same sale, and counts no more.
create table provisional_transactions (
    agency_id      uuid not null,
    model_id       uuid not null,
    event_key      text not null,
    family         text not null,
    at             timestamptz not null,
    source         text not null,
    gross_cents    bigint not null,
    net_cents      bigint,
    fan_id         text,
    order_id       text,
    -- Of a reversal: the sale it takes back.
    reverses       text,
    -- open: shown. settled: its row is in the ledger. repeated: another family told of the same
    -- sale. unmatched: no row came in time.
    state          text not null default 'open'
                   check (state in ('open', 'settled', 'repeated', 'unmatched')),
    -- Of a repeated one: the event that told of the sale first.
    same_as        text,
    settled_row    uuid,
    settled_at     timestamptz,
    expires_at     timestamptz not null,
    created_at     timestamptz not null,
    primary key (agency_id, model_id, event_key),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index provisional_transactions_open on provisional_transactions (agency_id, model_id, at)
    where state = 'open';
create index provisional_transactions_near on provisional_transactions (agency_id, model_id, at);
create unique index provisional_transactions_row
    on provisional_transactions (agency_id, model_id, settled_row) where settled_row is not null;

-- Follows, and subscriptions begun, renewed and ended, as they were told.
create table fan_events (
    agency_id  uuid not null,
    model_id   uuid not null,
    event_key  text not null,
    kind       text not null check (kind in ('follow', 'subscribed', 'renewed', 'unsubscribed')),
    at         timestamptz not null,
    primary key (agency_id, model_id, event_key),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index fan_events_by_time on fan_events (agency_id, model_id, at);

-- Unread messages of a creator by fan, as far as events told. told_at: when a count, not a change, was.
create table unread_messages (
    agency_id  uuid not null,
    model_id   uuid not null,
    fan_id     text not null,
    count      integer not null check (count >= 0),
    told_at    timestamptz not null,
    primary key (agency_id, model_id, fan_id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

alter table webhook_events enable row level security;
alter table provisional_transactions enable row level security;
alter table fan_events enable row level security;
alter table unread_messages enable row level security;
