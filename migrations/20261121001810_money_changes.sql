-- Every change of money that is written down already: who, when, before, after. New rows of the ledger are not
-- among them: the ledger itself tells of those. See docs/adr/0025-changes-of-money-are-written-down.md.

create table money_changes (
    agency_id  uuid not null references agencies (id) on delete cascade,
    id         bigint generated always as identity,
    -- No reference: what became of her money outlives a creator.
    model_id   uuid,
    -- The table, and which row of it.
    tbl        text not null,
    row_key    text not null,
    op         text not null check (op in ('insert', 'update', 'delete')),
    -- What the service was doing (tick, history, proof, webhook, rebuild, …); else the database's user.
    actor      text not null,
    -- By the database's clock.
    changed_at timestamptz not null default clock_timestamp(),
    before     jsonb,
    after      jsonb,
    primary key (agency_id, id)
);
create index money_changes_of_creator on money_changes (agency_id, model_id, id);

create function money_actor() returns text language sql stable set search_path = '' as $$
    select coalesce(nullif(current_setting('heartbeat.actor', true), ''), session_user::text)
$$;
revoke all on function money_actor() from public, anon, authenticated;
grant execute on function money_actor() to service_role;

-- Rows of the ledger that were amended: once a statement, however many it changed. What becomes of a payout
-- (`status`), ids and names are no money.
create function note_amended_money() returns trigger
    language plpgsql set search_path = '' as $$
begin
    insert into public.money_changes (agency_id, model_id, tbl, row_key, op, actor, before, after)
    select n.agency_id, n.model_id, 'fanvue_transactions', n.fanvue_transaction_id, 'update',
           public.money_actor(),
           jsonb_build_object('amountCents', o.amount_cents, 'netCents', o.net_cents,
                              'source', o.transaction_type, 'date', o.transaction_date),
           jsonb_build_object('amountCents', n.amount_cents, 'netCents', n.net_cents,
                              'source', n.transaction_type, 'date', n.transaction_date)
      from removed o
      join added n on n.agency_id = o.agency_id and n.model_id = o.model_id and n.id = o.id
     where (o.amount_cents, o.net_cents, o.transaction_type, o.transaction_date)
           is distinct from (n.amount_cents, n.net_cents, n.transaction_type, n.transaction_date);
    return null;
end $$;

create trigger fanvue_transactions_money_amended
    after update on fanvue_transactions referencing old table as removed new table as added
    for each statement execute function note_amended_money();

-- Rows that left the ledger, voided or by hand. Of a creator who goes with all her rows their sum is noted,
-- and of an agency nothing: what is noted goes with it.
create function note_removed_money() returns trigger
    language plpgsql set search_path = '' as $$
begin
    insert into public.money_changes (agency_id, model_id, tbl, row_key, op, actor, before)
    select o.agency_id, o.model_id, 'fanvue_transactions', o.fanvue_transaction_id, 'delete',
           public.money_actor(),
           jsonb_build_object('amountCents', o.amount_cents, 'netCents', o.net_cents,
                              'source', o.transaction_type, 'date', o.transaction_date)
      from removed o
     where exists (select from public.models m where m.agency_id = o.agency_id and m.id = o.model_id);
    insert into public.money_changes (agency_id, model_id, tbl, row_key, op, actor, before)
    select o.agency_id, o.model_id, 'models', o.model_id::text, 'delete', public.money_actor(),
           jsonb_build_object('amountCents', sum(o.amount_cents), 'netCents', sum(o.net_cents),
                              'rows', count(*))
      from removed o
     where exists (select from public.agencies a where a.id = o.agency_id)
       and not exists (select from public.models m
                        where m.agency_id = o.agency_id and m.id = o.model_id)
     group by o.agency_id, o.model_id;
    return null;
end $$;

create trigger fanvue_transactions_money_removed
    after delete on fanvue_transactions referencing old table as removed
    for each statement execute function note_removed_money();

-- A creator's running total: one row a commit that changes it. Other changes of the row cost a comparison.
create function note_total() returns trigger
    language plpgsql set search_path = '' as $$
begin
    insert into public.money_changes (agency_id, model_id, tbl, row_key, op, actor, before, after)
    values (new.agency_id, new.id, 'models', new.id::text, 'update', public.money_actor(),
            jsonb_build_object('amountCents', old.revenue_total_cents, 'netCents', old.net_total_cents,
                               'rows', old.transactions_total),
            jsonb_build_object('amountCents', new.revenue_total_cents, 'netCents', new.net_total_cents,
                               'rows', new.transactions_total));
    return null;
end $$;

create trigger models_money_changed
    after update of revenue_total_cents, net_total_cents, transactions_total on models
    for each row when (
        (old.revenue_total_cents, old.net_total_cents, old.transactions_total)
        is distinct from (new.revenue_total_cents, new.net_total_cents, new.transactions_total))
    execute function note_total();

-- What only a webhook told of: that its row came, that none did, or that somebody changed its amount.
create function note_provisional() returns trigger
    language plpgsql set search_path = '' as $$
begin
    insert into public.money_changes (agency_id, model_id, tbl, row_key, op, actor, before, after)
    values (new.agency_id, new.model_id, 'provisional_transactions', new.event_key, 'update',
            public.money_actor(),
            jsonb_build_object('amountCents', old.gross_cents, 'netCents', old.net_cents,
                               'state', old.state),
            jsonb_build_object('amountCents', new.gross_cents, 'netCents', new.net_cents,
                               'state', new.state, 'settledRow', new.settled_row));
    return null;
end $$;

create trigger provisional_transactions_money_changed
    after update on provisional_transactions
    for each row when (
        (old.gross_cents, old.net_cents, old.state)
        is distinct from (new.gross_cents, new.net_cents, new.state))
    execute function note_provisional();

-- Receipts of the proof, once a statement.
create function note_repairs() returns trigger
    language plpgsql set search_path = '' as $$
begin
    insert into public.money_changes (agency_id, model_id, tbl, row_key, op, actor, before, after)
    select n.agency_id, n.model_id, 'repairs', n.id::text, 'insert', public.money_actor(),
           jsonb_build_object('amountCents', n.before_cents, 'rows', n.before_rows),
           jsonb_build_object('amountCents', n.after_cents, 'rows', n.after_rows, 'cause', n.cause)
      from added n;
    return null;
end $$;

create trigger repairs_money_noted
    after insert on repairs referencing new table as added
    for each statement execute function note_repairs();

-- For the operator, in SQL: who did it may be the name of a person or of a machine.
alter table money_changes enable row level security;
alter table money_changes force row level security;
revoke all on money_changes from public, anon, authenticated;
grant select, insert on money_changes to service_role;
create policy service on money_changes for all to service_role using (true) with check (true);
create policy users on money_changes for select to authenticated using (false);
