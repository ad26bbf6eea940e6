-- Sums of `revenue_daily` over creators, sources and months, so that an answer reads as few rows from
-- large books as from small ones. See docs/adr/0018-coarser-sums-are-kept-beside-the-days.md.

-- Nobody writes days while the sums are made of them. Foreign keys take the other two, and so writers
-- do after the days: in this order nobody waits in a circle.
lock table public.revenue_daily, public.models, public.agencies in share row exclusive mode;

create table revenue_sums (
    agency_id         uuid not null references agencies (id) on delete cascade,
    -- Of one civil day in the agency's zone, or of a month of them, by its first day.
    span              text not null check (span in ('day', 'month')),
    -- NULL: of all creators.
    model_id          uuid,
    day               date not null,
    -- NULL: of all sources.
    source            text,
    gross_cents       bigint not null,
    net_cents         bigint not null,
    transaction_count bigint not null,
    unique nulls not distinct (agency_id, span, model_id, day, source),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

-- Adds to the sums what a statement has changed in the days, whoever sent it.
create function sum_days() returns trigger
    language plpgsql set search_path = '' as $$
declare
    changes public.revenue_daily[];
begin
    if tg_op = 'INSERT' then
        select array_agg((n.agency_id, n.model_id, n.day, n.source, n.gross_cents, n.net_cents,
                          n.transaction_count)::public.revenue_daily)
          into changes from added n;
    elsif tg_op = 'UPDATE' then
        select array_agg((c.agency_id, c.model_id, c.day, c.source, c.gross_cents, c.net_cents,
                          c.transaction_count)::public.revenue_daily)
          into changes
          from (select n.agency_id, n.model_id, n.day, n.source, n.gross_cents, n.net_cents,
                       n.transaction_count
                  from added n
                 union all
                select o.agency_id, o.model_id, o.day, o.source, -o.gross_cents, -o.net_cents,
                       -o.transaction_count
                  from removed o) as c;
    else
        -- Of an agency that goes with its days, the sums go too.
        select array_agg((o.agency_id, o.model_id, o.day, o.source, -o.gross_cents, -o.net_cents,
                          -o.transaction_count)::public.revenue_daily)
          into changes
          from removed o
         where exists (select from public.agencies a where a.id = o.agency_id);
    end if;
    if changes is null then
        return null;
    end if;
    -- Creators of one agency share its sums. Whoever changes them holds all of them until the commit, and
    -- nobody waits for a single one: a statement that adds days and changes others fires this twice, so
    -- no order of single sums would hold. Agencies are held in one order.
    perform pg_advisory_xact_lock(hashtextextended(of_agency.id::text, 0))
       from (select distinct c.agency_id as id from unnest(changes) as c order by 1) as of_agency;
    insert into public.revenue_sums as s
        (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
    select *
      from (select c.agency_id, case when grouping(c.day) = 0 then 'day' else 'month' end,
                   c.model_id, coalesce(c.day, c.month), c.source, sum(c.gross_cents),
                   sum(c.net_cents), sum(c.transaction_count)
              from (select d.*, date_trunc('month', d.day::timestamp)::date as month
                      from unnest(changes) as d) as c
             group by grouping sets (
                   (c.agency_id, c.day), (c.agency_id, c.day, c.source),
                   (c.agency_id, c.day, c.model_id),
                   (c.agency_id, c.month, c.source), (c.agency_id, c.month, c.model_id),
                   (c.agency_id, c.month, c.model_id, c.source))
            having (sum(c.gross_cents), sum(c.net_cents), sum(c.transaction_count)) <> (0, 0, 0)
           ) as g (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
        -- Of a creator who goes with her days, the sums go too.
     where tg_op <> 'DELETE' or g.model_id is null
        or exists (select from public.models m where m.agency_id = g.agency_id and m.id = g.model_id)
        on conflict (agency_id, span, model_id, day, source) do update
       set gross_cents = s.gross_cents + excluded.gross_cents,
           net_cents = s.net_cents + excluded.net_cents,
           transaction_count = s.transaction_count + excluded.transaction_count;
    return null;
end $$;

create trigger revenue_daily_added
    after insert on revenue_daily referencing new table as added
    for each statement execute function sum_days();
create trigger revenue_daily_changed
    after update on revenue_daily referencing old table as removed new table as added
    for each statement execute function sum_days();
create trigger revenue_daily_removed
    after delete on revenue_daily referencing old table as removed
    for each statement execute function sum_days();

insert into revenue_sums
    (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
select d.agency_id, case when grouping(d.day) = 0 then 'day' else 'month' end, d.model_id,
       coalesce(d.day, m.month), d.source, sum(d.gross_cents), sum(d.net_cents),
       sum(d.transaction_count)
  from revenue_daily d
 cross join lateral (select date_trunc('month', d.day::timestamp)::date as month) as m
 group by grouping sets (
       (d.agency_id, d.day), (d.agency_id, d.day, d.source), (d.agency_id, d.day, d.model_id),
       (d.agency_id, m.month, d.source), (d.agency_id, m.month, d.model_id),
       (d.agency_id, m.month, d.model_id, d.source))
 -- As they will come from now on: those of neighbouring days are read together.
 order by 1, 2, 4, 3, 5;

-- Days change the revision; so does a hand in the sums.
create constraint trigger revenue_sums_shown
    after insert or update or delete on revenue_sums deferrable initially deferred
    for each row when (pg_trigger_depth() = 0) execute function raise_revision();

-- Shown to those who see the days.
alter table revenue_sums enable row level security;
alter table revenue_sums force row level security;
revoke all on revenue_sums from public, anon, authenticated;
grant select, insert, update, delete on revenue_sums to service_role;
create policy service on revenue_sums for all to service_role using (true) with check (true);
create policy users on revenue_sums for select to authenticated
    using (agency_id = (select public.user_agency_with_figures()));
grant select (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
    on revenue_sums to authenticated;
