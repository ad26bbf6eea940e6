//! A database as the older system's migrations and code leave it, filled from a simulated world so that the
//! truth is known, with each of its defects. docs/adr/0030 says which columns are known and which are
//! guessed.

use uuid::Uuid;

use crate::world::{World, database::Database};

/// The tables. Those that its code adds columns to as it goes have them all.
const SCHEMA: &str = "
    create type agency_fanvue_status as enum ('active', 'expired', 'revoked');
    create table agencies (
        id uuid primary key default gen_random_uuid(), name text not null, owner_id uuid,
        created_at timestamptz default now());
    create table profiles (
        id uuid primary key, agency_id uuid references agencies (id) on delete set null,
        username text, display_name text, role text default 'chatter', xp_count integer default 0,
        created_at timestamptz default now());
    create table models (
        id uuid primary key default gen_random_uuid(),
        agency_id uuid references agencies (id) on delete cascade,
        name text not null, status varchar(20) default 'active', avatar_url text,
        fanvue_user_uuid text, fanvue_username text, instagram_handle text,
        fanvue_access_token text, fanvue_refresh_token text, fanvue_token_expires_at timestamptz,
        last_transaction_sync timestamptz default '2024-01-01', revenue_total numeric default 0,
        subscribers_count numeric default 0, followers_count integer default 0, posts_count integer,
        likes_count integer, unread_messages integer, stats_updated_at timestamptz,
        created_at timestamptz default now(), updated_at timestamptz default now());
    create table fanvue_transactions (
        id uuid primary key default gen_random_uuid(),
        agency_id uuid not null references agencies (id) on delete cascade,
        model_id uuid not null references models (id) on delete cascade,
        fanvue_id text, fanvue_user_id text, amount numeric not null default 0,
        net_amount numeric not null default 0, currency text default 'USD', category text,
        description text, created_at timestamptz not null default now(), fanvue_created_at timestamptz,
        synced_at timestamptz default now(), fanvue_transaction_id text, transaction_type text,
        transaction_date timestamptz, fan_id text, fan_username text, fan_handle text,
        fan_display_name text, platform_fee numeric default 0, source text, fanvue_user_uuid text,
        unique (fanvue_id, model_id));
    create unique index idx_fanvue_transactions_unique_txid
        on fanvue_transactions (fanvue_transaction_id) where fanvue_transaction_id is not null;
    alter table fanvue_transactions enable row level security;
    create policy everybody on fanvue_transactions for select using (true);
    create table sync_state (
        id uuid primary key default gen_random_uuid(), model_id uuid references models (id),
        sync_type text, last_cursor text, last_sync_at timestamptz, next_sync_at timestamptz);
    create table subscriber_history (
        id uuid primary key default gen_random_uuid(),
        agency_id uuid not null references agencies (id) on delete cascade,
        model_id uuid not null references models (id) on delete cascade, date date not null,
        subscribers_count integer not null default 0, followers_count integer not null default 0,
        total_audience integer generated always as (subscribers_count + followers_count) stored,
        created_at timestamptz not null default now(), unique (model_id, date));
    create table agency_fanvue_connections (
        id uuid primary key default gen_random_uuid(),
        agency_id uuid not null unique references agencies (id) on delete cascade,
        admin_user_id uuid not null references profiles (id) on delete cascade,
        fanvue_access_token text not null, fanvue_refresh_token text not null,
        fanvue_token_expires_at timestamptz not null, fanvue_user_id text not null,
        connected_at timestamptz default now(), updated_at timestamptz default now(),
        status agency_fanvue_status default 'active', last_synced_at timestamptz, last_sync_error text);
    create table creator_top_spenders (
        id uuid primary key default gen_random_uuid(),
        model_id uuid not null references models (id) on delete cascade, fan_uuid uuid not null,
        gross_cents integer not null default 0);
    create table top_spenders (
        id uuid primary key default gen_random_uuid(),
        model_id uuid references models (id) on delete cascade, amount numeric);
    create table shifts (
        id uuid primary key default gen_random_uuid(), agency_id uuid references agencies (id),
        employee_id uuid references profiles (id), model_id uuid references models (id),
        start_time timestamptz not null, end_time timestamptz not null,
        status varchar(20) default 'scheduled');
    create table timesheets (
        id uuid primary key default gen_random_uuid(), agency_id uuid references agencies (id),
        employee_id uuid references profiles (id), shift_id uuid references shifts (id),
        clock_in timestamptz not null default now(), clock_out timestamptz);
    create table content_tasks (
        id uuid primary key default gen_random_uuid(), agency_id uuid references agencies (id),
        model_id uuid references models (id), title text, platform text, content_type text,
        status text default 'scheduled', scheduled_at timestamptz);
    create table payout_settings (
        id uuid primary key default gen_random_uuid(),
        profile_id uuid not null references profiles (id) on delete cascade,
        agency_id uuid not null references agencies (id) on delete cascade);
    create view models_needing_sync as select id, name, last_transaction_sync from models;
    create function mark_sync_complete(of_model uuid) returns void language sql as
        'update models set last_transaction_sync = now() where id = of_model'";

/// One agency, who works for it, and what they do.
const PEOPLE: &str = "
    insert into agencies (id, name) values ('a0000001-0000-4000-8000-000000000000', 'Older');
    insert into profiles (id, agency_id, username, display_name, role)
    values ('b0000001-0000-4000-8000-000000000000', 'a0000001-0000-4000-8000-000000000000', 'owner',
            'The owner', 'owner'),
           ('b0000002-0000-4000-8000-000000000000', null, 'nobody', null, null);
    insert into payout_settings (profile_id, agency_id)
    values ('b0000001-0000-4000-8000-000000000000', 'a0000001-0000-4000-8000-000000000000');
    insert into shifts (agency_id, employee_id, start_time, end_time)
    values ('a0000001-0000-4000-8000-000000000000', 'b0000001-0000-4000-8000-000000000000',
            '2026-11-21T09:00:00Z', '2026-11-21T17:00:00Z')";

/// What its syncer made of the true rows `t`, of which `n` counts those of a creator. A row is missing where
/// the cursor had passed it; some are of the first format, some of the second, some of both; the second
/// format stores some again under an id that is drawn anew; a cent is off, the net is a guess, the fan or
/// the source is lost.
const ROWS: &str = "
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_id, category, fanvue_created_at, fanvue_user_id, amount, net_amount)
    select m.agency_id, m.id, md5(t.n::text || m.id), case t.source when 'renewal' then 'subscription'
               else t.source end, t.at, case when t.n % 23 <> 7 then t.fan end,
           t.gross / 100.0 + case when t.n % 17 = 4 then 0.01 else 0 end, round(t.gross * 0.8) / 100.0
      from truth t join models m on m.fanvue_user_uuid = upper(t.account)
     where t.n % 50 <> 0 and t.n % 7 in (1, 2);
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, fan_id,
         fan_username, description, amount, platform_fee)
    select m.agency_id, m.id, left(md5(t.n::text || m.id || copy), 24),
           case when t.source in ('renewal', 'subscription') then 'subscription'
                when t.source in ('tip', 'message', 'post') then t.source else 'other' end,
           t.at, t.fan, 'fan', case when t.n % 3 = 0 then t.source end,
           -- As a float of units gives it back.
           t.gross / 100.0 + case when t.n % 5 = 0 then 0.000000000000002 else 0 end,
           (t.gross - t.net) / 100.0
      from truth t join models m on m.fanvue_user_uuid = upper(t.account)
     cross join generate_series(0, 2) as copy
     where t.n % 50 <> 0 and t.n % 7 <> 1 and copy <= case when t.n % 13 = 3 then 2 else 0 end;
    -- Fanvue never had these.
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, fan_id, amount,
         platform_fee)
    select m.agency_id, m.id, 'phantom ' || n || m.id, 'tip',
           '2026-03-01T00:00:00.123Z'::timestamptz + n * interval '1 day', 'nobody', 77.77, 15.55
      from models m cross join generate_series(1, 4) as n
     where m.fanvue_user_uuid in (select upper(account) from truth);
    -- Nor do these say what was earned, or when.
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, amount)
    select m.agency_id, m.id, 'odd ' || n || m.id, 'other',
           case n when 2 then '2026-03-01T00:00:00Z'::timestamptz end, case n when 2 then -5 else 5 end
      from models m cross join generate_series(1, 2) as n
     where m.fanvue_user_uuid in (select upper(account) from truth);
    -- No answer of its database has more than a thousand rows.
    update models m
       set revenue_total = coalesce((select sum(amount) from (
               select amount from fanvue_transactions t where t.model_id = m.id limit 1000) as first_ones), 0),
           last_transaction_sync = '2026-11-21T09:55:00Z', subscribers_count = 12, followers_count = 34;
    insert into sync_state (model_id, sync_type, last_cursor, last_sync_at)
    select id, 'transactions', 'eyJ', '2026-11-21T09:55:00Z' from models;
    insert into subscriber_history (agency_id, model_id, date, subscribers_count, followers_count)
    select agency_id, id, '2026-11-20'::date - n, 10 + n, 30 from models, generate_series(0, 4) as n;
    insert into content_tasks (agency_id, model_id, title, platform, content_type, scheduled_at)
    select agency_id, id, 'reel', 'x', 'reel', '2026-11-21T09:30:00Z' from models;
    insert into top_spenders (model_id, amount) select id, 5 from models";

/// An older database, and the world that it tells of, which a database of ours has read to the end.
pub struct Older {
    pub truth: World,
    pub db: Database,
    /// How many of Fanvue's sales it knows, at least once each.
    pub sales: i64,
    /// Every token that stands in plain text in it.
    pub tokens: Vec<String>,
}

impl Older {
    /// The older system's tables without a row.
    pub async fn bare() -> Database {
        let db = Database::create_empty().await;
        db.sql(SCHEMA).await;
        db
    }

    /// Two creators whom the agency's account reads, and one with tokens of her own.
    pub async fn filled() -> Self {
        let truth = World::empty().await;
        let rows = [("Ada", 1_400), ("Bea", 320), ("Cleo", 90)];
        let creators = rows.map(|(name, rows)| (name, truth.creator(name, rows, 0)));
        truth.connect().await;
        for _ in 0..3 {
            truth.tick().await;
            truth.advance(60);
        }
        truth.assert_complete().await;
        let mut older = Self::about(truth, &creators).await;
        older.db.sql(ROWS).await;
        let known = older.db.sql("select count(*) from truth where n % 50 <> 0").await;
        older.sales = known[0][0].parse().unwrap();
        older.db.sql("drop table truth").await;
        older
    }

    /// Its tables with these creators, of whom the third has tokens of her own, without a sale. What a world of
    /// ours holds of Fanvue's stands beside them, in the table `truth`.
    pub async fn about(truth: World, creators: &[(&str, Uuid)]) -> Self {
        let db = Self::bare().await;
        db.sql(PEOPLE).await;
        let mut older = Self { truth, db, sales: 0, tokens: vec![] };
        older.add_accounts(creators).await;
        older.add_truth().await;
        older
    }

    async fn add_accounts(&mut self, creators: &[(&str, Uuid)]) {
        let grant = |account: String| {
            let ask = simulator::NewGrant { account, ..simulator::NewGrant::default() };
            self.truth.sim.grant(&ask, self.truth.now()).unwrap()
        };
        for (name, account) in creators {
            let add = format!(
                "insert into models (agency_id, name, fanvue_user_uuid, fanvue_username, instagram_handle)
                 values ('a0000001-0000-4000-8000-000000000000', '{name}', upper('{account}'), '{name}', 'ig')"
            );
            self.db.sql(&add).await;
        }
        let own = grant(creators[2].1.to_string());
        let agency = grant("agency".into());
        let sql = "select account_uuid from fanvue_connections where kind = 'agency'";
        let account = self.truth.db.sql(sql).await.remove(0).remove(0);
        let [own_refresh, refresh] = [&own, &agency].map(|g| g.refresh_token.clone().unwrap());
        let expiry = self.truth.now() + jiff::SignedDuration::from_mins(50);
        let store = format!(
            "update models set fanvue_access_token = '{}', fanvue_refresh_token = '{own_refresh}',
                    fanvue_token_expires_at = '{expiry}' where name = 'Cleo';
             insert into agency_fanvue_connections
                 (agency_id, admin_user_id, fanvue_access_token, fanvue_refresh_token,
                  fanvue_token_expires_at, fanvue_user_id)
             values ('a0000001-0000-4000-8000-000000000000', 'b0000001-0000-4000-8000-000000000000',
                     '{}', '{refresh}', '{expiry}', '{account}')",
            own.access_token, agency.access_token
        );
        self.db.sql(&store).await;
        self.tokens = vec![own.access_token, own_refresh, agency.access_token, refresh];
    }

    /// What Fanvue says, row by row, as the older system once read it.
    async fn add_truth(&self) {
        let rows = self
            .truth
            .db
            .sql(
                "select m.fanvue_user_uuid, t.transaction_date, t.transaction_type, t.amount_cents,
                        t.net_cents, coalesce(t.fan_id, ''),
                        row_number() over (partition by m.id order by t.transaction_date, t.id)
                   from fanvue_transactions t join models m on m.id = t.model_id
                  where t.transaction_type not in ('refund', 'chargeback')",
            )
            .await;
        let line = |row: &Vec<String>| {
            let [account, at, source, gross, net, fan, n] = &row[..] else { panic!("{row:?}") };
            format!(
                "('{account}', '{at}'::timestamptz, '{source}', {gross}, {net}, nullif('{fan}', ''), {n})"
            )
        };
        let lines: Vec<_> = rows.iter().map(line).collect();
        self.db
            .sql(&format!(
                "create table truth as
                 select * from (values {}) as t (account, at, source, gross, net, fan, n)",
                lines.join(", ")
            ))
            .await;
    }
}
