-- Rows that a complete read of their time did not contain. One more such read, an hour later or
-- more, and the row leaves the ledger; seen again, it leaves this table.
create table absent_transactions (
    agency_id             uuid not null,
    model_id              uuid not null,
    fanvue_transaction_id text not null,
    absent_since          timestamptz not null,
    primary key (agency_id, model_id, fanvue_transaction_id),
    foreign key (agency_id, model_id, fanvue_transaction_id)
        references fanvue_transactions (agency_id, model_id, fanvue_transaction_id)
        on update cascade on delete cascade
);

-- What left the ledger, whole, and on what evidence. Counted nowhere.
create table voided_transactions (
    agency_id             uuid not null,
    model_id              uuid not null,
    fanvue_transaction_id text not null,
    voided_at             timestamptz not null,
    absent_since          timestamptz not null,
    transaction           jsonb not null,
    primary key (agency_id, model_id, fanvue_transaction_id, voided_at),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

alter table absent_transactions enable row level security;
alter table voided_transactions enable row level security;

-- Days are counted in the agency's zone: a new zone means new days. Writers of the rollup hold their
-- creator before they touch the agency's row, so the creators are held here before that row is,
-- which only a trigger of the whole statement can do. It is rare, and brief.
create function hold_creators() returns trigger
    language plpgsql set search_path = '' as $$
begin
    perform 1 from public.models order by agency_id, id for no key update;
    return null;
end $$;

create trigger agencies_zone_changing
    before update of timezone on agencies
    for each statement execute function hold_creators();

create function recount_days() returns trigger
    language plpgsql set search_path = '' as $$
begin
    delete from public.revenue_daily where agency_id = new.id;
    insert into public.revenue_daily
        (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
    select agency_id, model_id, (transaction_date at time zone new.timezone)::date,
           transaction_type, sum(amount_cents), sum(net_cents), count(*)
      from public.fanvue_transactions
     where agency_id = new.id
     group by 1, 2, 3, 4;
    new.revision := new.revision + 1;
    return new;
end $$;

create trigger agencies_zone_changed
    before update of timezone on agencies
    for each row when (old.timezone is distinct from new.timezone)
    execute function recount_days();
