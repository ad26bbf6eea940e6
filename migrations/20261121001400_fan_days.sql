-- Which fan paid on which day, and how many did, so that an answer counts paying and new fans of any days
-- without a look at their payments. See docs/adr/0019-fans-are-counted-by-the-day-they-paid-before.md.

-- Nobody writes rows while the fans are made of them. Foreign keys take the other two, and so writers do
-- after the rows: in this order nobody waits in a circle.
lock table public.fanvue_transactions, public.models, public.agencies in share row exclusive mode;

-- Whether a row is money of a fan: no reward, no reversal, nothing given for free. The same stands in
-- `ledger::Earning::is_purchase`.
create function is_purchase(source text, gross_cents bigint) returns boolean
    language sql immutable parallel safe
    return gross_cents > 0 and source not in ('affiliate', 'giveaway', 'referral');

-- Each day in the agency's zone on which a fan paid a creator.
create table fan_days (
    agency_id uuid not null,
    model_id  uuid not null,
    fan_id    text not null,
    day       date not null,
    -- A fan's life stands together, so that it can be read whole.
    primary key (agency_id, fan_id, day, model_id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- How many fans paid on a day, by the day on which they had paid before. Whoever had not paid since some
-- days began is counted there for the first time: so many are the paying fans of these days.
create table fan_counts (
    agency_id  uuid not null references agencies (id) on delete cascade,
    -- NULL: any creator of the agency, whose fans are counted once, whomever they paid.
    model_id   uuid,
    day        date not null,
    -- '-infinity': never before.
    before_day date not null,
    fan_count  bigint not null,
    unique nulls not distinct (agency_id, model_id, day, before_day),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- The days on which fans paid, from the rows themselves.
create function purchase_days(of_agency uuid, zone text)
    returns table (model_id uuid, fan_id text, day date)
    language sql stable rows 10000 set search_path = '' as $$
    select distinct t.model_id, t.fan_id, (t.transaction_date at time zone zone)::date
      from public.fanvue_transactions t
     where t.agency_id = of_agency and t.fan_id is not null
       and public.is_purchase(t.transaction_type, t.amount_cents)
$$;

-- The counts, from the days on which fans paid.
create function counted_fans(of_agency uuid)
    returns table (model_id uuid, day date, before_day date, fan_count bigint)
    language sql stable rows 10000 set search_path = '' as $$
    select l.model_id, l.day, coalesce(l.before_day, '-infinity'), count(*)
      from (select d.model_id, d.day,
                   lag(d.day) over (partition by d.model_id, d.fan_id order by d.day) as before_day
              from (select f.model_id, f.fan_id, f.day
                      from public.fan_days f
                     where f.agency_id = of_agency
                     group by grouping sets ((f.model_id, f.fan_id, f.day), (f.fan_id, f.day))) as d
           ) as l
     group by 1, 2, 3
$$;

-- Makes the days those of the rows; returns how many were not.
create function recount_fan_days(of_agency uuid, zone text) returns bigint
    language plpgsql set search_path = '' as $$
declare
    removed_count bigint;
    added_count   bigint;
begin
    delete from public.fan_days d
     where d.agency_id = of_agency
       and not exists (select from public.purchase_days(of_agency, zone) p
                        where p.model_id = d.model_id and p.fan_id = d.fan_id and p.day = d.day);
    get diagnostics removed_count = row_count;
    insert into public.fan_days (agency_id, model_id, fan_id, day)
    select of_agency, p.model_id, p.fan_id, p.day
      from public.purchase_days(of_agency, zone) p
     where not exists (select from public.fan_days d
                        where d.agency_id = of_agency and d.model_id = p.model_id
                          and d.fan_id = p.fan_id and d.day = p.day);
    get diagnostics added_count = row_count;
    return removed_count + added_count;
end $$;

revoke all on function purchase_days(uuid, text), counted_fans(uuid), recount_fan_days(uuid, text)
    from public, anon, authenticated;
grant execute on function purchase_days(uuid, text), counted_fans(uuid), recount_fan_days(uuid, text)
    to service_role;

-- Follows what a statement has changed in the days, whoever sent it: of each fan it touches, the life
-- before and the life after are read day by day, and the counts get the difference.
create function count_fans() returns trigger
    language plpgsql set search_path = '' as $$
declare
    come public.fan_days[] := '{}';
    gone public.fan_days[] := '{}';
begin
    if tg_op in ('INSERT', 'UPDATE') then
        select coalesce(array_agg((a.agency_id, a.model_id, a.fan_id, a.day)::public.fan_days), '{}')
          into come from added a;
    end if;
    if tg_op in ('UPDATE', 'DELETE') then
        -- Of an agency that goes with its fans, the counts go too.
        select coalesce(array_agg((r.agency_id, r.model_id, r.fan_id, r.day)::public.fan_days), '{}')
          into gone from removed r
         where exists (select from public.agencies a where a.id = r.agency_id);
    end if;
    if cardinality(come) + cardinality(gone) = 0 then
        return null;
    end if;
    -- Creators of one agency share its fans. Whoever counts them holds all sums of the agency until the
    -- commit, as `sum_days` does. What follows sees what was committed while this was waited for.
    perform pg_advisory_xact_lock(hashtextextended(of_agency.id::text, 0))
       from (select distinct c.agency_id as id from unnest(come || gone) as c order by 1) as of_agency;
    with touched as (
        select distinct c.agency_id, c.fan_id from unnest(come || gone) as c
    ), presences as (
        select d.agency_id, d.model_id, d.fan_id, d.day, 1 as was, 1 as is_now
          from touched t
         cross join lateral (
               select * from public.fan_days f
                where f.agency_id = t.agency_id and f.fan_id = t.fan_id
               offset 0) as d
         union all
        select c.agency_id, c.model_id, c.fan_id, c.day, -1, 0 from unnest(come) as c
         union all
        select g.agency_id, g.model_id, g.fan_id, g.day, 1, 0 from unnest(gone) as g
    ), lives as (
        -- Of each creator, and of all: there a day that a fan gave to two creators is one.
        select agency_id, model_id, fan_id, day, sum(was) > 0 as was, sum(is_now) > 0 as is_now
          from presences
         group by grouping sets ((agency_id, model_id, fan_id, day), (agency_id, fan_id, day))
    ), links as (
        select agency_id, model_id, day, lag(day) over life as before_day, 1 as change
          from lives where is_now
        window life as (partition by agency_id, model_id, fan_id order by day)
         union all
        select agency_id, model_id, day, lag(day) over life, -1
          from lives where was
        window life as (partition by agency_id, model_id, fan_id order by day)
    )
    insert into public.fan_counts as f (agency_id, model_id, day, before_day, fan_count)
    select l.agency_id, l.model_id, l.day, coalesce(l.before_day, '-infinity'), sum(l.change)
      from links l
        -- Of a creator who goes with her fans, the counts go too.
     where l.model_id is null
        or exists (select from public.models m where m.agency_id = l.agency_id and m.id = l.model_id)
     group by 1, 2, 3, 4
    having sum(l.change) <> 0
        on conflict (agency_id, model_id, day, before_day) do update
       set fan_count = f.fan_count + excluded.fan_count;
    return null;
end $$;

insert into fan_days (agency_id, model_id, fan_id, day)
select a.id, p.model_id, p.fan_id, p.day
  from agencies a cross join lateral purchase_days(a.id, a.timezone) as p
 -- Neighbours in the index are neighbours in the table.
 order by 1, 3, 4, 2;
insert into fan_counts (agency_id, model_id, day, before_day, fan_count)
select a.id, c.model_id, c.day, c.before_day, c.fan_count
  from agencies a cross join lateral counted_fans(a.id) as c
 order by 1, 2, 3, 4;

-- A statement either adds days or removes some: one that did both would fire two triggers, and each of
-- them takes what is there for what its own part left.
create trigger fan_days_added
    after insert on fan_days referencing new table as added
    for each statement execute function count_fans();
create trigger fan_days_changed
    after update on fan_days referencing old table as removed new table as added
    for each statement execute function count_fans();
create trigger fan_days_removed
    after delete on fan_days referencing old table as removed
    for each statement execute function count_fans();

-- As before, and a new zone recounts the fans' days too.
create or replace function recount_days() returns trigger
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
    perform public.recount_fan_days(new.id, new.timezone);
    new.revision := new.revision + 1;
    return new;
end $$;

-- Days change the revision; so does a hand in the counts. Counts that follow the days do not.
create constraint trigger fan_days_shown
    after insert or update or delete on fan_days deferrable initially deferred
    for each row when (pg_trigger_depth() = 0) execute function raise_revision();
create constraint trigger fan_counts_shown
    after insert or update or delete on fan_counts deferrable initially deferred
    for each row when (pg_trigger_depth() = 0) execute function raise_revision();

-- As before, and whose a row is: the fans of the part of a day are counted from the rows.
drop trigger fanvue_transactions_shown on fanvue_transactions;
create constraint trigger fanvue_transactions_shown
    after update on fanvue_transactions deferrable initially deferred
    for each row when (
        (old.agency_id, old.model_id, old.transaction_date, old.transaction_type, old.amount_cents,
         old.net_cents, old.fan_id)
        is distinct from
        (new.agency_id, new.model_id, new.transaction_date, new.transaction_type, new.amount_cents,
         new.net_cents, new.fan_id))
    execute function raise_revision();

-- Shown to those who see the rows.
do $$
declare
    tbl text;
begin
    foreach tbl in array array['fan_days', 'fan_counts'] loop
        execute format('alter table public.%I enable row level security', tbl);
        execute format('alter table public.%I force row level security', tbl);
        execute format('revoke all on public.%I from public, anon, authenticated', tbl);
        execute format('grant select, insert, update, delete on public.%I to service_role', tbl);
        execute format('create policy service on public.%I for all to service_role
                        using (true) with check (true)', tbl);
        execute format('create policy users on public.%I for select to authenticated
                        using (agency_id = (select public.user_agency_with_figures()))', tbl);
    end loop;
end $$;
grant select (agency_id, model_id, fan_id, day) on fan_days to authenticated;
grant select (agency_id, model_id, day, before_day, fan_count) on fan_counts to authenticated;
