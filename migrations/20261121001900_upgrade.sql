-- Upgrading in place: what an older system held, in the schema `before_heartbeat` to which `heartbeat migrate`
-- moved it, is taken over here. A database that had none of it gets two functions that find nothing.
-- See docs/upgrade.md and docs/adr/0030-an-older-systems-rows-are-believed-until-read.md.

-- What became of each row of the older system's ledger. Never deleted: the row itself stays where it was.
create table upgrade_receipts (
    agency_id    uuid not null,
    model_id     uuid not null,
    -- `id` of before_heartbeat.fanvue_transactions.
    older_id     text not null,
    -- adopted: counted, and no read has shown it yet. confirmed: one has. merged: another row tells of the
    -- same sale. retired: Fanvue never had it. refused: it says no amount, no instant, or no sale.
    state        text not null check (state in ('adopted', 'confirmed', 'merged', 'retired', 'refused')),
    -- `id` of fanvue_transactions: the row it is, or the one it is merged with.
    ledger_row   uuid,
    at           timestamptz,
    gross_cents  bigint,
    -- What Fanvue says, where it has confirmed the row.
    told_cents   bigint,
    reason       text,
    adopted_at   timestamptz not null,
    settled_at   timestamptz,
    primary key (agency_id, model_id, older_id),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);
create index upgrade_receipts_open on upgrade_receipts (agency_id, model_id, ledger_row)
    where state = 'adopted';

-- A creator with adopted rows is not called exact.
create constraint trigger upgrade_receipts_shown
    after insert or update or delete on upgrade_receipts deferrable initially deferred
    for each row execute function raise_revision();

alter table upgrade_receipts enable row level security;
alter table upgrade_receipts force row level security;
revoke all on upgrade_receipts from public, anon, authenticated;
grant select, insert, update, delete on upgrade_receipts to service_role;
create policy service on upgrade_receipts for all to service_role using (true) with check (true);
create policy users on upgrade_receipts for select to authenticated
    using (agency_id = (select public.user_agency_with_figures()));
grant select (agency_id, model_id, older_id, state, ledger_row, at, gross_cents, told_cents, reason,
              adopted_at, settled_at) on upgrade_receipts to authenticated;

-- An amount of an older row, in units; null where it is no number, or none that somebody paid.
create function older_amount(word text) returns numeric
    language sql immutable
    return case when word ~ '^-?\d{1,12}(\.\d+)?([eE]-?\d{1,2})?$'
                then case when abs(word::numeric) < 1e12 then word::numeric end end;

-- An instant of an older row; null where there is none such.
create function older_instant(word text) returns timestamptz
    language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
    return case when word ~ '^\d{4}-\d\d-\d\d' then date_trunc('milliseconds', word::timestamptz) end;
exception when data_exception then
    -- As of a 30 February, where an older system keeps instants as text.
    return null;
end $$;

-- The creators of whom rows of the older system wait.
create function older_creators() returns table (agency_id uuid, model_id uuid)
    language plpgsql stable set search_path = '' as $$
begin
    if to_regclass('before_heartbeat.fanvue_transactions') is not null then
        return query execute
            'select m.agency_id, m.id
               from public.models m
              where exists (select from before_heartbeat.fanvue_transactions o
                             where o.model_id = m.id and o.adopted_at is null)
              order by m.id, m.agency_id';
    end if;
end $$;

-- How many rows of the older system are of nobody that there is: those stay where they are.
create function count_older_strays() returns bigint
    language plpgsql stable set search_path = '' as $$
declare
    strays bigint := 0;
begin
    if to_regclass('before_heartbeat.fanvue_transactions') is not null then
        execute 'select count(*) from before_heartbeat.fanvue_transactions o
                  where o.adopted_at is null
                    and not exists (select from public.models m where m.id = o.model_id)' into strays;
    end if;
    return strays;
end $$;

-- Books the waiting rows of one creator of the older system, and what follows from them, each with its
-- receipt; returns how many rows that were. One that has a receipt, because somebody loaded the older table
-- again, is not booked twice. Whoever still writes into the older table is found by a later call, and then
-- the creator's history is read again.
create function adopt_older_rows(of_agency uuid, of_creator uuid, moment timestamptz) returns bigint
    language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
    zone    text;
    settled bigint;
begin
    -- For `money_changes`, until the transaction ends.
    perform set_config('heartbeat.actor', 'adoption', true);
    -- The creator is held, as by everybody who books rows. The time zone is read afterwards: whoever changes
    -- it holds her too.
    perform from public.models m where m.agency_id = of_agency and m.id = of_creator for no key update;
    if not found then
        return 0;
    end if;
    select a.timezone into zone from public.agencies a where a.id = of_agency;
    execute $sql$
with waiting as (
    select o.ctid as place, to_jsonb(o) as o
      from before_heartbeat.fanvue_transactions o
     where o.model_id = $2 and o.adopted_at is null
       for update
), texts as (
    select w.place, coalesce(w.o ->> 'id', 'row ' || gen_random_uuid()::text) as older_id,
           public.older_amount(w.o ->> 'amount') as amount,
           public.older_amount(w.o ->> 'net_amount') as net_amount,
           public.older_amount(w.o ->> 'platform_fee') as fee,
           public.older_instant(coalesce(w.o ->> 'transaction_date', w.o ->> 'fanvue_created_at')) as at,
           -- The first word that Fanvue uses; what the older system made of the others is a guess.
           coalesce((select s.name
                       from unnest(array[w.o ->> 'source', w.o ->> 'description',
                                         w.o ->> 'transaction_type', w.o ->> 'category'])
                            with ordinality as t (word, place)
                       join unnest(array['affiliate', 'appStore', 'chargeback', 'checkoutLink',
                                         'fanExperience', 'giveaway', 'mediaLink', 'message', 'post',
                                         'referral', 'refund', 'renewal', 'subscription', 'tip'])
                            as s (name) on lower(s.name) = lower(t.word)
                      order by t.place limit 1),
                    case lower(coalesce(w.o ->> 'transaction_type', w.o ->> 'category'))
                        when 'ppv' then 'message' when 'stream' then 'tip' else 'referral' end)
               as source,
           nullif(nullif(coalesce(w.o ->> 'fan_id', w.o ->> 'fanvue_user_id',
                                  w.o ->> 'fanvue_user_uuid'), ''), 'unknown') as fan,
           coalesce(w.o ->> 'fan_handle', w.o ->> 'fan_username') as handle,
           w.o ->> 'transaction_date' is null as is_first_format,
           w.o ->> 'fan_display_name' as display_name, upper(w.o ->> 'currency') as currency
      from waiting w
     where not exists (select from public.upgrade_receipts u
                        where u.agency_id = $1 and u.model_id = $2 and u.older_id = w.o ->> 'id')
), read as (
    select t.*, round(t.amount * 100)::bigint as gross,
           -- Some rows have a net, some a fee, and a default of 0 stands for both; else Fanvue keeps a fifth.
           round(case when t.net_amount <> 0 then t.net_amount
                      when t.fee <> 0 or t.amount = 0 then t.amount - coalesce(t.fee, 0)
                      else t.amount * 0.8 end * 100)::bigint as net,
           case when t.amount is null then 'it has no amount that is a number'
                when t.at is null then 'it says no instant at which it was earned, or none that there was'
                when t.at > $3 + interval '5 minutes' then 'it is of the future'
                when t.amount < 0 or t.source in ('refund', 'chargeback')
                then 'it takes money back: refunds and chargebacks are read from Fanvue' end as problem
      from texts t
), known_fans as (
    -- One of two formats may leave the fan out.
    select r.*, coalesce(r.fan, max(r.fan) over (
               partition by r.at order by r.gross range between 1 preceding and 1 following)) as who
      from read r where r.problem is null
), begun as (
    select k.*, coalesce(k.gross - lag(k.gross) over near > 1, true) as is_first
      from known_fans k
    window near as (partition by k.at, k.who order by k.gross, k.older_id)
), sales as (
    -- What the two formats, or two readings, made of one sale may be a cent apart.
    select b.*, count(*) filter (where b.is_first) over (
               partition by b.at, b.who order by b.gross, b.older_id
               rows unbounded preceding) as sale
      from begun b
), ranked as (
    -- The one that counts has a fan, and is of the later format, whose fee is Fanvue's.
    select s.*,
           first_value(s.older_id) over same as first_id,
           row_number() over same as occurrence,
           first_value(s.source) over named as told_source
      from sales s
    window same as (partition by s.at, s.who, s.sale
                    order by s.fan is null, s.is_first_format, s.older_id),
           named as (partition by s.at, s.who, s.sale
                     order by s.source = 'referral', s.source = 'subscription', s.older_id)
), placed as (
    select r.*, l.id as booked_id,
           case when r.occurrence = 1 and l.id is null then gen_random_uuid() end as new_id
      from ranked r
      left join lateral (
           select t.id from public.fanvue_transactions t
            where t.agency_id = $1 and t.model_id = $2 and t.transaction_date = r.at
              and abs(t.amount_cents - r.gross) <= 1
              and (t.fan_id is null or r.who is null or t.fan_id = r.who)
              and t.transaction_type not in ('refund', 'chargeback')
            order by abs(t.amount_cents - r.gross), t.id limit 1) as l on true
), booked as (
    insert into public.fanvue_transactions
        (id, agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
         amount_cents, net_cents, currency, fan_id, fan_handle, fan_display_name, created_at, synced_at)
    select p.new_id, $1, $2,
           -- As `ledger::Content` makes it.
           '~' || encode(substr(sha256(
               int8send((extract(epoch from p.at) * 1000)::bigint) || convert_to(p.told_source, 'UTF8')
               || '\x00'::bytea || int8send(p.gross) || int8send(p.net)
               || convert_to(coalesce(p.who, ''), 'UTF8')), 1, 12), 'hex') || '~1',
           p.at, p.told_source, p.gross, p.net, p.currency, p.who, p.handle, p.display_name, $3, $3
      from placed p where p.new_id is not null
    returning transaction_date, transaction_type, amount_cents, net_cents, fan_id
), receipts as (
    insert into public.upgrade_receipts
        (agency_id, model_id, older_id, state, ledger_row, at, gross_cents, reason, adopted_at, settled_at)
    select $1, $2, p.older_id, case when p.new_id is null then 'merged' else 'adopted' end,
           coalesce(p.new_id, p.booked_id, f.new_id), p.at, p.gross,
           case when p.new_id is not null then null
                when p.booked_id is not null then 'the ledger holds this sale already'
                else 'the same sale as row ' || p.first_id end,
           $3, case when p.new_id is null then $3 end
      from placed p
      left join placed f on f.older_id = p.first_id
     union all
    select $1, $2, r.older_id, 'refused', null, r.at, r.gross, r.problem, $3, $3
      from read r where r.problem is not null
        on conflict (agency_id, model_id, older_id) do nothing
), totals as (
    -- A creator without a history asks for it; with one, for all of it again.
    update public.models m
       set revenue_total_cents = m.revenue_total_cents + b.gross,
           net_total_cents = m.net_total_cents + b.net,
           transactions_total = m.transactions_total + b.n,
           last_transaction_sync = null, updated_at = $3
      from (select sum(amount_cents) as gross, sum(net_cents) as net, count(*) as n from booked) as b
     where m.agency_id = $1 and m.id = $2 and b.n > 0
), days as (
    insert into public.revenue_daily as d
        (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
    select $1, $2, (b.transaction_date at time zone $4)::date, b.transaction_type, sum(b.amount_cents),
           sum(b.net_cents), count(*)
      from booked b group by 3, 4
        on conflict (agency_id, model_id, day, source) do update
       set gross_cents = d.gross_cents + excluded.gross_cents,
           net_cents = d.net_cents + excluded.net_cents,
           transaction_count = d.transaction_count + excluded.transaction_count
), fans as (
    insert into public.fan_days (agency_id, model_id, fan_id, day)
    select distinct $1, $2, b.fan_id, (b.transaction_date at time zone $4)::date
      from booked b
     where b.fan_id is not null and public.is_purchase(b.transaction_type, b.amount_cents)
        on conflict (agency_id, fan_id, day, model_id) do nothing
), marked as (
    update before_heartbeat.fanvue_transactions o set adopted_at = $3
      from waiting w where o.ctid = w.place
)
select count(*) from waiting
    $sql$ into settled using of_agency, of_creator, moment, zone;
    return settled;
end $$;

-- Tokens of agencies' accounts that the older system left in plain text, for who seals them.
create function older_connections() returns table (
    agency_id uuid, account_uuid text, access_token text, refresh_token text, expires_at timestamptz)
    language plpgsql set search_path = '' as $$
begin
    if to_regclass('before_heartbeat.agency_fanvue_connections') is not null then
        return query execute
            'select o.agency_id, lower(o.fanvue_user_id), nullif(o.fanvue_access_token, ''''),
                    nullif(o.fanvue_refresh_token, ''''), o.fanvue_token_expires_at
               from before_heartbeat.agency_fanvue_connections o
               join public.agencies a on a.id = o.agency_id
              where o.fanvue_access_token <> '''' or o.fanvue_refresh_token <> ''''
              order by 1';
    end if;
end $$;

-- They are sealed: nothing of them stays here. False when they are not those that were meant.
create function forget_older_connection(of_agency uuid, meant text) returns boolean
    language plpgsql set search_path = '' as $$
declare
    forgotten bigint := 0;
begin
    if to_regclass('before_heartbeat.agency_fanvue_connections') is not null then
        execute 'update before_heartbeat.agency_fanvue_connections
                    set fanvue_access_token = '''', fanvue_refresh_token = ''''
                  where agency_id = $1 and fanvue_access_token = $2' using of_agency, meant;
        get diagnostics forgotten = row_count;
    end if;
    return forgotten > 0;
end $$;

revoke all on function older_amount(text), older_instant(text), older_creators(), count_older_strays(),
    adopt_older_rows(uuid, uuid, timestamptz), older_connections(),
    forget_older_connection(uuid, text) from public, anon, authenticated;
grant execute on function older_amount(text), older_instant(text), older_creators(), count_older_strays(),
    adopt_older_rows(uuid, uuid, timestamptz), older_connections(),
    forget_older_connection(uuid, text) to service_role;

-- Takes over the rows of a table that has the same name there, under the same ids, with every column that
-- ours lacks. Columns that are made from others here, and those `left_out`, are not taken; some are `said`
-- otherwise.
create function pg_temp.take_over(tbl text, left_out text[], said jsonb) returns void
    language plpgsql as $$
declare
    ours   constant regclass := format('public.%I', tbl)::regclass;
    theirs constant regclass := to_regclass(format('before_heartbeat.%I', tbl));
    field  record;
    names  text[] := '{}';
    texts  text[] := '{}';
    taken  text;
begin
    if theirs is null then
        return;
    end if;
    for field in
        select o.attname, format_type(o.atttypid, o.atttypmod) as kind from pg_catalog.pg_attribute o
         where o.attrelid = theirs and o.attnum > 0 and not o.attisdropped
           and not exists (select from pg_catalog.pg_attribute m
                            where m.attrelid = ours and m.attname = o.attname and not m.attisdropped)
    loop
        execute format('alter table public.%I add column %I %s', tbl, field.attname, field.kind);
    end loop;
    for field in
        select m.attname, m.attnotnull, pg_get_expr(d.adbin, d.adrelid) as default_value,
               format_type(m.atttypid, m.atttypmod) as kind, m.atttypid = o.atttypid as is_same
          from pg_catalog.pg_attribute m
          join pg_catalog.pg_attribute o
            on o.attrelid = theirs and o.attname = m.attname and o.attnum > 0 and not o.attisdropped
          left join pg_catalog.pg_attrdef d on d.adrelid = m.attrelid and d.adnum = m.attnum
         where m.attrelid = ours and m.attnum > 0 and not m.attisdropped and m.attgenerated = ''
           and m.attname <> all(left_out)
    loop
        taken := case when said ? field.attname then said ->> field.attname
                      when field.is_same then format('o.%I', field.attname)
                      when field.kind in ('integer', 'bigint')
                      then format('trunc(o.%I::text::numeric)::%s', field.attname, field.kind)
                      else format('o.%I::text::%s', field.attname, field.kind) end;
        if field.attnotnull and (field.default_value is not null or field.kind = 'text') then
            taken := format('coalesce(%s, %s)', taken, coalesce(field.default_value, ''''''));
        end if;
        names := names || quote_ident(field.attname);
        texts := texts || taken;
    end loop;
    execute format('insert into public.%I (%s) select %s from before_heartbeat.%I o', tbl,
                   array_to_string(names, ', '), array_to_string(texts, ', '), tbl);
end $$;

do $$
declare
    rule   record;
    has    constant jsonb := (
        select coalesce(jsonb_object_agg(n.nspname || '.' || c.relname || '.' || a.attname, true), '{}')
          from pg_catalog.pg_attribute a
          join pg_catalog.pg_class c on c.oid = a.attrelid
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'before_heartbeat' and a.attnum > 0 and not a.attisdropped);
    nobody constant uuid := gen_random_uuid();
begin
    if to_regnamespace('before_heartbeat') is null then
        return;
    end if;
    perform pg_temp.take_over('agencies', '{revision}', '{}');
    update public.agencies set timezone = 'UTC'
     where timezone <> 'UTC' and timezone not in (select name from pg_catalog.pg_timezone_names);
    perform pg_temp.take_over('profiles', '{}', jsonb_build_object('agency_id',
        '(select a.id from public.agencies a where a.id = o.agency_id)'));

    if has ? 'before_heartbeat.models.agency_id' then
        -- Here every creator is an agency's.
        execute 'insert into public.agencies (id, name)
                 select $1, ''Creators of no agency''
                  where exists (
                      select from before_heartbeat.models o
                       where not exists (select from public.agencies a where a.id = o.agency_id))'
            using nobody;
        -- How far its cursors had come is not believed.
        perform pg_temp.take_over('models', array['last_transaction_sync', 'fanvue_user_uuid',
            'connection_id', 'revenue_total_cents', 'net_total_cents', 'transactions_total'],
            jsonb_build_object('agency_id', format(
                'coalesce((select a.id from public.agencies a where a.id = o.agency_id), %L)', nobody)));
        -- As Fanvue spells them, each for one creator of an agency.
        if has ? 'before_heartbeat.models.fanvue_user_uuid' then
            execute 'update public.models m set fanvue_user_uuid = n.uuid
                       from (select distinct on (t.agency_id, lower(o.fanvue_user_uuid))
                                    t.agency_id, t.id, lower(o.fanvue_user_uuid) as uuid
                               from before_heartbeat.models o join public.models t on t.id = o.id
                              where o.fanvue_user_uuid <> ''''
                              order by 1, lower(o.fanvue_user_uuid), t.id) as n
                      where m.agency_id = n.agency_id and m.id = n.id';
        end if;
        -- Its tokens are ours to seal now, and stand nowhere twice.
        if has ? 'before_heartbeat.models.fanvue_access_token' then
            execute 'update before_heartbeat.models set fanvue_access_token = null
                      where fanvue_access_token is not null';
        end if;
        if has ? 'before_heartbeat.models.fanvue_refresh_token' then
            execute 'update before_heartbeat.models set fanvue_refresh_token = null
                      where fanvue_refresh_token is not null';
        end if;
    end if;
    if has ? 'before_heartbeat.subscriber_history.model_id' then
        execute $sql$
            insert into public.subscriber_history
                (agency_id, model_id, date, subscribers_count, followers_count, new_subscribers,
                 cancelled_subscribers)
            select m.agency_id, m.id, (h.o ->> 'date')::date,
                   coalesce(h.o ->> 'subscribers_count', h.o ->> 'subscribers_total')::integer,
                   (h.o ->> 'followers_count')::integer, (h.o ->> 'new_subscribers')::integer,
                   (h.o ->> 'cancelled_subscribers')::integer
              from (select to_jsonb(s) as o from before_heartbeat.subscriber_history s) as h
              join public.models m on m.id = (h.o ->> 'model_id')::uuid
                on conflict (agency_id, model_id, date) do nothing
        $sql$;
    end if;
    if has ? 'before_heartbeat.fanvue_transactions.model_id' then
        execute 'alter table before_heartbeat.fanvue_transactions
                     add column if not exists adopted_at timestamptz';
    end if;
    -- What was deferred to the end is done now, so that the tables may still be changed.
    set constraints all immediate;

    -- Tables that stay as they are refer to ours from now on. Their rows are not checked again: each of them
    -- has its counterpart here under the same id.
    for rule in
        select f.conname, f.conrelid::regclass as tbl, pg_get_constraintdef(f.oid) as definition
          from pg_catalog.pg_constraint f
          join pg_catalog.pg_class c on c.oid = f.conrelid
         where f.contype = 'f' and f.conparentid = 0
           and c.relnamespace <> 'before_heartbeat'::regnamespace
           and f.confrelid in (to_regclass('before_heartbeat.agencies'),
                               to_regclass('before_heartbeat.profiles'),
                               to_regclass('before_heartbeat.models'))
    loop
        if position('before_heartbeat.models(' in rule.definition) > 0 then
            execute 'create unique index if not exists models_once on public.models (id)';
        end if;
        execute format('alter table %s drop constraint %I, add constraint %I %s%s', rule.tbl, rule.conname,
            rule.conname,
            replace(rule.definition, 'REFERENCES before_heartbeat.', 'REFERENCES public.'),
            case when rule.definition like '% NOT VALID' then '' else ' not valid' end);
    end loop;

    -- Nobody but the owner and the service sees what holds money or tokens; users' other tables may still ask
    -- the older `profiles` who somebody is.
    for rule in
        select c.oid::regclass as tbl from pg_catalog.pg_class c
         where c.relnamespace = 'before_heartbeat'::regnamespace
           and c.relkind in ('r', 'p', 'v', 'm') and c.relname not in ('profiles', 'agencies')
    loop
        execute format('revoke all on %s from public, anon, authenticated', rule.tbl);
    end loop;
    grant usage on schema before_heartbeat to service_role;
    grant select, update on all tables in schema before_heartbeat to service_role;
    for rule in
        select distinct v.oid::regclass as seen
          from pg_catalog.pg_depend d
          join pg_catalog.pg_rewrite r on r.oid = d.objid
          join pg_catalog.pg_class v on v.oid = r.ev_class
          join pg_catalog.pg_class t on t.oid = d.refobjid
         where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
           and t.relnamespace = 'before_heartbeat'::regnamespace
           and v.relnamespace <> 'before_heartbeat'::regnamespace
    loop
        raise warning 'the view % shows tables of before the upgrade; make it anew', rule.seen;
    end loop;
end $$;

drop function pg_temp.take_over(text, text[], jsonb);
