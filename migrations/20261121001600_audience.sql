-- The audience: subscribers, followers, unread messages, posts, likes, top spenders and tracking links
-- of each creator, each with an instant of its own, and what became of subscribers day by day.

alter table models
    add column if not exists likes_count       integer,
    -- As of when each count is true. NULL: nobody knows; an older system may have left the count.
    add column if not exists subscribers_as_of timestamptz,
    add column if not exists followers_as_of   timestamptz,
    add column if not exists unread_as_of      timestamptz,
    add column if not exists posts_as_of       timestamptz,
    add column if not exists likes_as_of       timestamptz;

-- Of that day; NULL: not told yet.
alter table subscriber_history
    add column if not exists new_subscribers       integer,
    add column if not exists cancelled_subscribers integer;
-- Who was counted before some day. Changes reach a year back, on days of no count.
create index if not exists subscriber_history_counted on subscriber_history (agency_id, model_id, date)
    where subscribers_count is not null or followers_count is not null;

-- What an older system keeps under these names is read anew from Fanvue here. Its rows stay, under a name
-- that says so and shut to users.
do $$
declare
    tbl  text;
    kept text;
begin
    foreach tbl in array array['top_spenders', 'tracking_links'] loop
        kept := tbl || '_before_heartbeat';
        continue when to_regclass(format('public.%I', tbl)) is null;
        execute format('alter table public.%I rename to %I', tbl, kept);
        execute format('revoke all on public.%I from public, anon, authenticated', kept);
        raise warning 'the table % of an older system is called % now', tbl, kept;
    end loop;
end $$;

-- What is read of a creator's audience, and when it is due. Not sync_state: see
-- docs/adr/0023-audience-streams-are-a-queue-of-their-own.md.
create table audience_streams (
    agency_id        uuid not null,
    model_id         uuid not null,
    kind             text not null check (kind in ('subscribers', 'followers', 'unread', 'profile',
                         'changes', 'top_spenders', 'tracking_links')),
    next_at          timestamptz not null,
    -- As of when what is stored is true.
    as_of            timestamptz,
    tried_at         timestamptz,
    paused_until     timestamptz,
    lease_token      uuid,
    lease_expires_at timestamptz,
    attempts         integer not null default 0,
    -- Refusals since the last success.
    refusals         integer not null default 0,
    last_error       text,
    last_error_at    timestamptz,
    parked_at        timestamptz,
    -- A list that is being counted: since when, where its next page is, the sum so far, and who is in
    -- it, eight bytes each of their uuids, so that nobody counts twice.
    walk_begun_at    timestamptz,
    walk_mark        text,
    walk_pages       integer not null default 0,
    walk_total       bigint not null default 0,
    walk_seen        bytea not null default '',
    primary key (agency_id, model_id, kind),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index audience_streams_due on audience_streams (next_at) where parked_at is null;

-- The fans who spent most, as Fanvue ranks them.
create table top_spenders (
    agency_id        uuid not null,
    model_id         uuid not null,
    rank             integer not null check (rank > 0),
    fan_id           text not null,
    fan_handle       text,
    fan_display_name text,
    gross_cents      bigint not null,
    net_cents        bigint not null,
    message_count    integer not null,
    last_synced_at   timestamptz not null,
    primary key (agency_id, model_id, rank),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- Links that a creator's visitors came by. A link without earnings yet has none: NULL, not zero.
create table tracking_links (
    agency_id                uuid not null,
    model_id                 uuid not null,
    fanvue_uuid              uuid not null,
    name                     text not null,
    link_url                 text not null,
    external_social_platform text,
    clicks                   bigint not null,
    follows_count            bigint,
    subs_count               bigint,
    gross_cents              bigint,
    net_cents                bigint,
    total_revenue            numeric(18, 2) generated always as (gross_cents / 100.0) stored,
    link_created_at          timestamptz,
    last_synced_at           timestamptz not null,
    primary key (agency_id, model_id, fanvue_uuid),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- As every table has it since 20261121001100_users.sql.
do $$
declare
    figures constant text := 'agency_id = (select public.user_agency_with_figures())';
    rule    record;
begin
    for rule in
        select * from (values
            ('audience_streams',
                'agency_id, model_id, kind, next_at, as_of, tried_at, paused_until, lease_expires_at,
                 attempts, refusals, last_error, last_error_at, parked_at'),
            ('top_spenders',
                'agency_id, model_id, rank, fan_id, fan_handle, fan_display_name, gross_cents,
                 net_cents, message_count, last_synced_at'),
            ('tracking_links',
                'agency_id, model_id, fanvue_uuid, name, link_url, external_social_platform, clicks,
                 follows_count, subs_count, gross_cents, net_cents, total_revenue, link_created_at,
                 last_synced_at')) as rules (tbl, columns)
    loop
        execute format('alter table public.%I enable row level security', rule.tbl);
        execute format('alter table public.%I force row level security', rule.tbl);
        execute format('revoke all on public.%I from public, anon, authenticated', rule.tbl);
        execute format('grant select, insert, update, delete on public.%I to service_role', rule.tbl);
        execute format('create policy service on public.%I for all to service_role
                        using (true) with check (true)', rule.tbl);
        execute format('create policy users on public.%I for select to authenticated using (%s)',
                       rule.tbl, figures);
        execute format('grant select (%s) on public.%I to authenticated', rule.columns, rule.tbl);
    end loop;
end $$;
grant select (likes_count, subscribers_as_of, followers_as_of, unread_as_of, posts_as_of, likes_as_of)
    on models to authenticated;
grant select (new_subscribers, cancelled_subscribers) on subscriber_history to authenticated;

-- As in 20261121001200_shown_revision.sql, with the counts that are shown now.
drop trigger models_shown on models;
create constraint trigger models_shown
    after update on models deferrable initially deferred
    for each row when (
        (old.agency_id, old.id, old.name, old.fanvue_username, old.fanvue_user_uuid,
         old.connection_id, old.last_transaction_sync, old.transactions_total,
         old.subscribers_count, old.followers_count, old.stats_updated_at, old.unread_messages,
         old.posts_count, old.likes_count, old.subscribers_as_of, old.followers_as_of,
         old.unread_as_of, old.posts_as_of, old.likes_as_of)
        is distinct from
        (new.agency_id, new.id, new.name, new.fanvue_username, new.fanvue_user_uuid,
         new.connection_id, new.last_transaction_sync, new.transactions_total,
         new.subscribers_count, new.followers_count, new.stats_updated_at, new.unread_messages,
         new.posts_count, new.likes_count, new.subscribers_as_of, new.followers_as_of,
         new.unread_as_of, new.posts_as_of, new.likes_as_of))
    execute function raise_revision();
