//! The statements that make books up. Chance is drawn from each row's number: the same plan makes the
//! same books.

use jiff::Timestamp;

use super::{LATELY_DAYS, Plan, ZONE, agency, connection, creator, user};

const DAY_MICROSECONDS: i64 = 86_400_000_000;
/// Sources, and up to which of a hundred each is drawn: most rows are messages and renewals.
const SOURCES: &str = "'message', 'renewal', 'tip', 'subscription', 'post', 'referral', \
                       'mediaLink', 'refund', 'chargeback'";
const SOURCES_UP_TO: &str = "40, 62, 76, 88, 93, 95, 97, 99";

/// Agencies with their connection, creators and owners, all of them confirmed just now.
pub(super) fn people(plan: &Plan) -> String {
    let until = plan.until;
    let agencies = list(0..plan.agencies, |n| format!("('{}', 'Agency {n}', '{ZONE}')", agency(n)));
    let connections = list(0..plan.agencies, |n| {
        let (id, of) = (connection(n), agency(n));
        format!(
            "('{id}', '{of}', 'agency', 'account-{n}', 'sealed', '{until}', '{until}', '{until}', \
             '{until}')"
        )
    });
    let models = list(plan.creators_of_all(), |(of, n)| {
        let (of, id, by) = (agency(of), creator(of, n), connection(of));
        format!("('{of}', '{id}', 'Creator {n}', 'creator-{id}', 'creator{n}', '{by}', '{until}')")
    });
    let streams = list(plan.creators_of_all(), |(of, n)| {
        let (of, id) = (agency(of), creator(of, n));
        format!(
            "('{of}', '{id}', 'earnings', '{until}', '{until}', '{until}', '{until}', '{until}', \
             '{until}', false)"
        )
    });
    let users = (0..plan.agencies).flat_map(|of| (0..plan.users).map(move |n| (of, n)));
    let profiles = list(users, |(of, n)| format!("('{}', '{}', 'owner')", user(of, n), agency(of)));
    format!(
        "set session_replication_role = replica;
         insert into agencies (id, name, timezone) values {agencies};
         insert into fanvue_connections (id, agency_id, kind, account_uuid, access_sealed,
            obtained_at, expires_at, created_at, updated_at) values {connections};
         insert into models (agency_id, id, name, fanvue_user_uuid, fanvue_username, connection_id,
            last_transaction_sync) values {models};
         insert into sync_state (agency_id, model_id, sync_type, watermark, last_sync_at, tried_at,
            read_at, confirmed_at, next_sync_at, needs_read) values {streams};
         insert into profiles (id, agency_id, role) values {profiles}"
    )
}

fn list<T>(things: impl Iterator<Item = T>, row: impl FnMut(T) -> String) -> String {
    things.map(row).collect::<Vec<_>>().join(", ")
}

/// The ledger of one creator, its days and its totals.
pub(super) fn books_of(plan: &Plan, whose: (u32, u32)) -> String {
    let (of, nth) = whose;
    let rows = plan.rows_of(whose).cast_signed();
    let age = age(plan, rows);
    let (agency, creator, until) = (agency(of), creator(of, nth), plan.until);
    let (last, seed) = (rows - 1, i64::from(of) * 1_000_003 + i64::from(nth) * 100_003);
    let its = format!("agency_id = '{agency}' and model_id = '{creator}'");
    format!(
        "set session_replication_role = replica;
         insert into fanvue_transactions
             (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
              amount_cents, net_cents, total_cents, currency, status, fan_id, fan_handle,
              fan_display_name, message_uuid, created_at, synced_at)
         select '{agency}'::uuid, '{creator}'::uuid, 'order-' || lpad(n::text, 9, '0'), paid_at,
                reason, gross, gross * 4 / 5, gross, 'USD', 'availableForPayout', 'fan-' || fan,
                'fan' || fan, 'Fan, \"' || fan || '\"',
                case reason when 'message' then 'message-' || n end, paid_at, paid_at
           from generate_series(0::bigint, {last}::bigint) as n
          cross join lateral (
                select hashint8extended(n + {seed}, 1) & 9223372036854775807 as chance) as c
          cross join lateral (
                select timestamptz '{until}'
                       - ({age} + 1) * interval '1 microsecond' as paid_at,
                       (array[{SOURCES}])[1 + width_bucket((chance >> 8) % 100,
                                                           array[{SOURCES_UP_TO}]::bigint[])]
                       as reason,
                       300 + (chance >> 16) % 9700 as price, (chance >> 30) % 5000 as fan) as d
          cross join lateral (
                select case when reason in ('refund', 'chargeback') then -price else price end
                       as gross) as e;
         insert into revenue_daily
             (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
         select agency_id, model_id, (transaction_date at time zone '{ZONE}')::date,
                transaction_type, sum(amount_cents), sum(net_cents), count(*)
           from fanvue_transactions where {its} group by 1, 2, 3, 4;
         insert into fan_days (agency_id, model_id, fan_id, day)
         select distinct agency_id, model_id, fan_id,
                (transaction_date at time zone '{ZONE}')::date
           from fanvue_transactions
          where {its} and fan_id is not null and is_purchase(transaction_type, amount_cents)
          order by 3, 4;
         update models m
            set revenue_total_cents = s.gross, net_total_cents = s.net, transactions_total = s.n
           from (select coalesce(sum(gross_cents), 0)::bigint as gross,
                        coalesce(sum(net_cents), 0)::bigint as net,
                        coalesce(sum(transaction_count), 0)::bigint as n
                   from revenue_daily where {its}) as s
          where m.agency_id = '{agency}' and m.id = '{creator}'"
    )
}

/// The coarser sums of an agency and the counts of its fans, which triggers keep elsewhere.
pub(super) fn sums(of: u32) -> String {
    let of = agency(of);
    format!(
        "set session_replication_role = replica;
         insert into revenue_sums
             (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
         select agency_id, case when grouping(day) = 0 then 'day' else 'month' end, model_id,
                coalesce(day, month), source, sum(gross_cents), sum(net_cents),
                sum(transaction_count)
           from revenue_daily
          cross join lateral (select date_trunc('month', day::timestamp)::date as month) as m
          where agency_id = '{of}'
          group by grouping sets (
                (agency_id, day), (agency_id, day, source), (agency_id, day, model_id),
                (agency_id, month, source), (agency_id, month, model_id),
                (agency_id, month, model_id, source))
          order by 2, 4, 3, 5;
         insert into fan_counts (agency_id, model_id, day, before_day, fan_count)
         select '{of}', c.model_id, c.day, c.before_day, c.fan_count
           from counted_fans('{of}') as c order by 2, 3, 4"
    )
}

/// How many microseconds ago row `n` of so many was paid: the higher its number, the longer.
fn age(plan: &Plan, rows: i64) -> String {
    let spread = |days: u32, rows: i64| i64::from(days) * DAY_MICROSECONDS / rows.max(1);
    let Some(lately) = plan.lately else {
        let step = spread(plan.days, rows);
        return format!("(n * {step} + chance % {step})");
    };
    let lately = lately.cast_signed().min(rows);
    let new = spread(LATELY_DAYS, lately);
    let old = spread(plan.days.saturating_sub(LATELY_DAYS).max(1), rows - lately);
    let begins = i64::from(LATELY_DAYS) * DAY_MICROSECONDS;
    format!(
        "(case when n < {lately} then n * {new} + chance % {new}
               else {begins} + (n - {lately}) * {old} + chance % {old} end)"
    )
}

/// One more row, with what follows from it.
pub(super) fn sale((of, nth): (u32, u32), at: Timestamp) -> String {
    let (agency, creator) = (agency(of), creator(of, nth));
    format!(
        "insert into fanvue_transactions
             (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
              amount_cents, net_cents, status, created_at, synced_at)
         values ('{agency}', '{creator}', 'sale-' || gen_random_uuid(), '{at}', 'tip', 1000, 800,
                 'pendingBalance', '{at}', '{at}');
         insert into revenue_daily as r
             (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
         values ('{agency}', '{creator}', (timestamptz '{at}' at time zone '{ZONE}')::date, 'tip',
                 1000, 800, 1)
             on conflict (agency_id, model_id, day, source) do update
                set gross_cents = r.gross_cents + excluded.gross_cents,
                    net_cents = r.net_cents + excluded.net_cents,
                    transaction_count = r.transaction_count + excluded.transaction_count;
         update models
            set revenue_total_cents = revenue_total_cents + 1000,
                net_total_cents = net_total_cents + 800, transactions_total = transactions_total + 1
          where agency_id = '{agency}' and id = '{creator}'"
    )
}

/// Somebody reads every creator.
pub(super) fn claims(at: Timestamp, until: Timestamp) -> String {
    format!(
        "update sync_state
            set lease_token = gen_random_uuid(), lease_expires_at = '{until}', tried_at = '{at}'"
    )
}

/// Every creator is read up to this instant.
pub(super) fn confirmations(at: Timestamp, next: Timestamp) -> String {
    format!(
        "update sync_state
            set lease_token = null, lease_expires_at = null, watermark = '{at}',
                last_sync_at = '{at}', read_at = '{at}', confirmed_at = '{at}',
                next_sync_at = '{next}';
         update models set last_transaction_sync = '{at}'"
    )
}
