-- `agencies.revision` becomes the validator of every answer on the agency's figures: it rises, in the
-- same commit, with every change of a column that the dashboard shows, whoever makes it.

-- Raises it once a transaction. Called when the transaction commits, so that the agency's row is the
-- last that is locked, and only for a moment: nobody who holds it waits for anything else.
create function raise_revision() returns trigger
    language plpgsql set search_path = '' as $$
declare
    touched uuid;
begin
    foreach touched in array
        case tg_op when 'INSERT' then array[new.agency_id]
                   when 'DELETE' then array[old.agency_id]
                   else array[old.agency_id, new.agency_id] end
    loop
        -- What this transaction has raised already. It is forgotten when it ends.
        if strpos(coalesce(current_setting('heartbeat.raised', true), ''), touched::text) = 0 then
            update public.agencies set revision = revision + 1 where id = touched;
            perform set_config('heartbeat.raised',
                concat(current_setting('heartbeat.raised', true), ' ', touched), true);
        end if;
    end loop;
    return null;
end $$;

create constraint trigger models_listed
    after insert or delete on models deferrable initially deferred
    for each row execute function raise_revision();
create constraint trigger models_shown
    after update on models deferrable initially deferred
    for each row when (
        (old.agency_id, old.id, old.name, old.fanvue_username, old.fanvue_user_uuid,
         old.connection_id, old.last_transaction_sync, old.transactions_total,
         old.subscribers_count, old.followers_count, old.stats_updated_at)
        is distinct from
        (new.agency_id, new.id, new.name, new.fanvue_username, new.fanvue_user_uuid,
         new.connection_id, new.last_transaction_sync, new.transactions_total,
         new.subscribers_count, new.followers_count, new.stats_updated_at))
    execute function raise_revision();

create constraint trigger fanvue_connections_listed
    after delete on fanvue_connections deferrable initially deferred
    for each row execute function raise_revision();
create constraint trigger fanvue_connections_shown
    after update on fanvue_connections deferrable initially deferred
    for each row when (
        (old.agency_id, old.id, old.state, old.account_uuid, old.routes)
        is distinct from
        (new.agency_id, new.id, new.state, new.account_uuid, new.routes)
        or (new.state <> 'active' and old.last_error is distinct from new.last_error))
    execute function raise_revision();

create constraint trigger sync_state_listed
    after insert or delete on sync_state deferrable initially deferred
    for each row execute function raise_revision();
create constraint trigger sync_state_shown
    after update on sync_state deferrable initially deferred
    for each row when (
        (old.agency_id, old.model_id, old.sync_type, old.watermark, old.confirmed_at,
         old.lease_expires_at, old.tried_at, old.next_sync_at, old.paused_until, old.parked_at,
         old.last_error, old.needs_read, old.read_from)
        is distinct from
        (new.agency_id, new.model_id, new.sync_type, new.watermark, new.confirmed_at,
         new.lease_expires_at, new.tried_at, new.next_sync_at, new.paused_until, new.parked_at,
         new.last_error, new.needs_read, new.read_from))
    execute function raise_revision();

create constraint trigger earning_rejects_shown
    after insert or update or delete on earning_rejects deferrable initially deferred
    for each row execute function raise_revision();
create constraint trigger subscriber_history_shown
    after insert or update or delete on subscriber_history deferrable initially deferred
    for each row execute function raise_revision();

create constraint trigger provisional_transactions_listed
    after insert or delete on provisional_transactions deferrable initially deferred
    for each row execute function raise_revision();
create constraint trigger provisional_transactions_shown
    after update on provisional_transactions deferrable initially deferred
    for each row when (
        (old.agency_id, old.model_id, old.at, old.source, old.gross_cents, old.net_cents, old.state,
         old.expires_at, old.created_at)
        is distinct from
        (new.agency_id, new.model_id, new.at, new.source, new.gross_cents, new.net_cents, new.state,
         new.expires_at, new.created_at))
    execute function raise_revision();

-- A new zone recounts all days, and raises the revision itself.
create constraint trigger revenue_daily_shown
    after insert or update or delete on revenue_daily deferrable initially deferred
    for each row when (pg_trigger_depth() = 0) execute function raise_revision();

-- A new row comes with its day in revenue_daily. One that is amended within its day does not, and the
-- part of an earlier day that today is compared with is summed from the rows.
create constraint trigger fanvue_transactions_gone
    after delete on fanvue_transactions deferrable initially deferred
    for each row execute function raise_revision();
create constraint trigger fanvue_transactions_shown
    after update on fanvue_transactions deferrable initially deferred
    for each row when (
        (old.agency_id, old.model_id, old.transaction_date, old.transaction_type, old.amount_cents,
         old.net_cents)
        is distinct from
        (new.agency_id, new.model_id, new.transaction_date, new.transaction_type, new.amount_cents,
         new.net_cents))
    execute function raise_revision();

create function raise_own_revision() returns trigger
    language plpgsql set search_path = '' as $$
begin
    new.revision := greatest(new.revision, old.revision + 1);
    return new;
end $$;

create trigger agencies_shown
    before update on agencies
    for each row when (
        (old.id, old.name, old.timezone, old.currency)
        is distinct from (new.id, new.name, new.timezone, new.currency))
    execute function raise_own_revision();

-- Whoever listens hears of it when it is committed: which agency, and which revision it is at.
create function tell_revision() returns trigger
    language plpgsql set search_path = '' as $$
begin
    perform pg_notify('heartbeat_revision', new.id || ' ' || new.revision);
    return null;
end $$;

create trigger agencies_revision_told
    after update on agencies
    for each row when (old.revision is distinct from new.revision)
    execute function tell_revision();

-- Who names no agency is answered for the only one.
create index agencies_by_age on agencies (created_at, id);

-- Supabase Realtime, where it is there, tells browsers of `agencies`: its revision, and nothing that
-- its dashboard does not show. Row-level security decides who is told; without a policy, nobody.
do $$
begin
    if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables)
       and not exists (select from pg_publication_tables
                        where pubname = 'supabase_realtime' and schemaname = 'public'
                          and tablename = 'agencies')
    then
        alter publication supabase_realtime add table public.agencies;
    end if;
exception when insufficient_privilege then
    raise warning 'agencies is not in the publication supabase_realtime: its owner has to add it';
end $$;
