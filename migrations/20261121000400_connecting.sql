-- Connecting an account in a browser, disconnecting it, and tokens that an older system left behind.

-- A person who was asked to connect an account and has not come back yet. Ticket, state and session
-- are kept as digests: whoever reads this table can finish nobody's login.
create table fanvue_logins (
    id             uuid not null,
    -- The agency that gets the connection. It is made when the account comes back, where it has a
    -- name and a zone here.
    agency_id      uuid not null,
    agency_name    text,
    timezone       text,
    kind           text not null check (kind in ('agency', 'creator')),
    -- The platform's uuid of the account that must come back, when one is reconnected.
    account_uuid   text,
    ticket_digest  bytea not null unique,
    -- Both are set when the link is opened, and anew each time it is.
    state_digest   bytea unique,
    session_digest bytea,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    primary key (agency_id, id),
    check ((agency_name is null) = (timezone is null))
);
create index fanvue_logins_by_expiry on fanvue_logins (expires_at);

alter table fanvue_connections drop constraint fanvue_connections_state_check;
alter table fanvue_connections
    add constraint fanvue_connections_state_check
        check (state in ('active', 'revoked', 'disconnected')),
    -- A disconnected account has no tokens any more.
    alter column access_sealed drop not null,
    add constraint fanvue_connections_tokens_check
        check (access_sealed is not null or state = 'disconnected');

-- An older system kept plain tokens in models. They are sealed into fanvue_connections by the next
-- sync-transactions, which leaves 'sealed' and null here.
alter table models add column if not exists fanvue_refresh_token text;

alter table fanvue_logins enable row level security;
