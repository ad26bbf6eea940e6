//! Why what is shown is not what Fanvue says: each cause, seeded and named, with its cents and its remedy.

mod asking;
mod clocks;
mod coarse;
mod confusion;
mod founding;
mod partly;
mod reading;
mod rows;
mod sums;

use serde_json::Value;
use simulator::{NewSale, TrueRow};
use uuid::Uuid;

use crate::world::{SECRET, World};

const DIAGNOSE: &str = "/api/fanvue/diagnose-revenue";

/// Whatever a test does to rows by SQL is written down as a hand's, unless it says that a tick did it.
const BY_TICK: &str = "set local heartbeat.actor = 'tick'; ";

/// Ada with so many rows, not read yet.
async fn unread(rows: u64) -> (World, Uuid) {
    let world = World::empty().await;
    let ada = world.creator("Ada", rows, 0);
    world.connect().await;
    world.db.sql("delete from models where name <> 'Ada'").await;
    (world, ada)
}

/// Ada, read to the end a minute ago.
async fn read(rows: u64) -> (World, Uuid) {
    let (world, ada) = unread(rows).await;
    world.tick().await;
    world.assert_complete().await;
    world.advance(60);
    (world, ada)
}

/// The answer about everybody, by name; the parts of each always add up.
async fn ask_all(world: &World, query: &str) -> Vec<Value> {
    let (status, mut answer) = world.get(&format!("{DIAGNOSE}?{query}"), Some(SECRET)).await;
    assert_eq!(status, 200, "{answer}");
    let Value::Array(creators) = answer["creators"].take() else { panic!("{answer}") };
    for one in &creators {
        let explained: i64 = parts(one).iter().map(|part| cents(part)).sum();
        assert_eq!(one["differenceCents"].as_i64(), Some(explained), "{one}");
    }
    creators
}

/// The answer about the only creator.
async fn ask(world: &World, query: &str) -> Value {
    let mut creators = ask_all(world, query).await;
    assert_eq!(creators.len(), 1, "{creators:?}");
    creators.remove(0)
}

fn parts(ada: &Value) -> Vec<&Value> {
    ada["differences"].as_array().unwrap().iter().collect()
}

fn cents(part: &Value) -> i64 {
    part["cents"].as_i64().unwrap()
}

/// Each cause with its cents, those of one cause added up, by name.
fn causes(ada: &Value) -> Vec<(String, i64)> {
    let mut causes = std::collections::BTreeMap::new();
    for part in parts(ada) {
        *causes.entry(part["cause"].as_str().unwrap().to_owned()).or_insert(0) += cents(part);
    }
    causes.into_iter().collect()
}

/// That one cause explains all, with figures or rows behind it and that remedy.
fn assert_cause(ada: &Value, cause: &str, cents: i64, remedy: &str) {
    assert_eq!(causes(ada), [(cause.to_owned(), cents)], "{ada}");
    for part in parts(ada) {
        assert_eq!(part["remedy"]["kind"], remedy, "{part}");
        let figures = part["figures"].as_object().unwrap().len();
        assert!(0 < figures + part["rows"].as_array().unwrap().len(), "without proof: {part}");
    }
}

fn sell(world: &World, creator: Uuid, gross: i64, at: &str) -> TrueRow {
    let sale = NewSale {
        gross_cents: Some(gross),
        source: Some("tip".into()),
        fan: Some("bea".into()),
        currency: Some("USD".into()),
        at: Some(at.to_owned()),
        ..NewSale::of(creator)
    };
    world.sim.sell(&sale, world.now()).unwrap().remove(0)
}

/// Changes the gross of one row, its day's sum and the total alike, as whoever lost or doubled money
/// would have.
async fn shift(world: &World, key: &str, cents: i64) {
    let sql = format!(
        "{BY_TICK} with changed as (
             update fanvue_transactions set amount_cents = amount_cents + {cents}
              where fanvue_transaction_id = '{key}' returning *
         ), daily as (
             update revenue_daily r set gross_cents = r.gross_cents + {cents}
               from changed c
              where r.model_id = c.model_id and r.source = c.transaction_type
                and r.day = (c.transaction_date at time zone 'Europe/Rome')::date
         )
         update models m set revenue_total_cents = m.revenue_total_cents + {cents}
           from changed c where m.id = c.model_id"
    );
    world.db.sql(&sql).await;
    world.check().await;
}

/// Takes rows away with their sums and their fans, as a fault of the service would have.
async fn lose(world: &World, which: &str) {
    let sql = format!(
        "{BY_TICK} with lost as (
             delete from fanvue_transactions where {which} returning *
         ), summed as (
             select model_id, (transaction_date at time zone 'Europe/Rome')::date as day,
                    transaction_type, sum(amount_cents) as gross, sum(net_cents) as net,
                    count(*) as number
               from lost group by 1, 2, 3
         ), daily as (
             update revenue_daily r
                set gross_cents = r.gross_cents - s.gross, net_cents = r.net_cents - s.net,
                    transaction_count = r.transaction_count - s.number
               from summed s
              where r.model_id = s.model_id and r.day = s.day and r.source = s.transaction_type
         )
         update models m
            set revenue_total_cents = m.revenue_total_cents - s.gross,
                net_total_cents = m.net_total_cents - s.net,
                transactions_total = m.transactions_total - s.number
           from (select model_id, sum(gross) as gross, sum(net) as net, sum(number) as number
                   from summed group by 1) s
          where m.id = s.model_id;
         select recount_fan_days(id, timezone) from agencies"
    );
    world.db.sql(&sql).await;
    world.db.sql("select recount_fan_days(id, timezone) from agencies").await;
    world.check().await;
}

async fn number(world: &World, sql: &str) -> i64 {
    world.db.sql(sql).await[0][0].parse().unwrap()
}
