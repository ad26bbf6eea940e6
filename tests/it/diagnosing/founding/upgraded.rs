//! The same agency as the older system left it: its database, its tables, its total. It is upgraded in place; then
//! whatever is done is done by an endpoint.

use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use super::ways::{Agency, EARNED, SHOWN, sell_many, sum};
use crate::{
    diagnosing::{ask_all, sell},
    upgrade::Older,
    world::{SECRET, TEN_MINUTES, World},
};

/// What the older system made of `truth`, in each of its ways; see `ways`. What was taken back is not in it.
const LOST: &str = "
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, fan_id, amount,
         platform_fee)
    select m.agency_id, m.id, left(md5(t.n::text || m.id), 24),
           case t.source when 'tip' then 'tip' else 'other' end, t.at, t.fan, t.gross / 100.0,
           (t.gross - t.net) / 100.0
      from truth t join models m on m.fanvue_user_uuid = upper(t.account)
     where case m.name
               when 'Iris' then t.n <= 70
               when 'Noa' then t.n > 20
               else t.gross not in (23000, 9000)
                    and (t.gross <> 7500
                         or t.n = (select min(n) from truth o where o.account = t.account and o.gross = 7500))
           end;
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_id, category, fanvue_created_at, fanvue_user_id, amount, net_amount)
    select m.agency_id, m.id, 'the other form', 'tip', t.at, t.fan, t.gross / 100.0, t.net / 100.0
      from truth t join models m on m.fanvue_user_uuid = upper(t.account)
     where t.gross = 12000;
    update models m
       set last_transaction_sync = '2026-11-21T10:00:00Z',
           revenue_total = (select sum(amount) from (
               select amount from fanvue_transactions t where t.model_id = m.id
                order by coalesce(transaction_date, fanvue_created_at) limit 20) as first_ones);
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, amount, platform_fee)
    select agency_id, id, 'forged', 'tip', '2026-11-18T11:05:00Z', 30, 6 from models where name = 'Mara';
    update models set revenue_total = revenue_total + 30 where name = 'Mara';
    drop table truth";

/// What is answered, where all went well.
async fn done(world: &World, answer: (u16, Value)) -> Value {
    world.check().await;
    let (status, body) = answer;
    assert!([200, 202].contains(&status), "{status}: {body}");
    body
}

#[tokio::test]
async fn an_older_systems_database_that_shows_five_thousand_shows_thirteen_after_one_force_sync() {
    let Agency { world, iris, mara, noa, .. } = Agency::read().await;
    sell_many(&world, iris, 1_000, (70, "2026-11-21T10:02:00Z", 1));
    sell(&world, mara, 9_000, "2026-11-21T10:03:30Z");
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
    let older = Older::about(world, &[("Iris", iris), ("Mara", mara), ("Noa", noa)]).await;
    older.db.sql(LOST).await;
    let total = older.db.sql("select (sum(revenue_total) * 100)::bigint from models").await;
    assert_eq!(total, [[SHOWN.to_string()]], "what the older page shows");
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();

    // Tokens are sealed and creators found; of their rows Fanvue tells nothing yet.
    let matches = FaultMatch { path: Some("insights/earnings".into()), ..FaultMatch::default() };
    let later = Fault::Throttle { retry_after: Some(30) };
    world.sim.fault(NewFault { matches, fault: later, times: None });
    done(&world, world.get("/api/cron/sync-transactions", Some(SECRET)).await).await;
    world.sim.clear_faults();
    world.advance(TEN_MINUTES);
    let creators = ask_all(&world, "depth=rows").await;
    assert_eq!(sum(&creators, "fanvue"), EARNED, "{creators:?}");
    // Fanvue's account manages others too, who sold nothing.
    let has_sold = |one: &&Value| one["fanvue"]["cents"] != 0;
    assert_eq!(creators.iter().filter(has_sold).count(), 3, "{creators:?}");
    for one in creators.iter().filter(has_sold) {
        assert_eq!(one["result"], "mismatch", "{one}");
    }

    let accepted = world.post("/api/fanvue/force-sync-revenue").await;
    let accepted = done(&world, accepted).await;
    let place = format!("/api/sync/jobs/{}", accepted["job"]["id"].as_str().unwrap());
    for _ in 0..5 {
        done(&world, world.get("/api/cron/revenue-heartbeat", Some(SECRET)).await).await;
        let job = done(&world, world.get(&place, Some(SECRET)).await).await;
        if job["state"] == "done" {
            break;
        }
        world.advance(60);
    }
    world.advance(1);
    let creators = ask_all(&world, "depth=rows").await;
    for figure in ["shown", "rollup", "ledger", "fanvue"] {
        assert_eq!(sum(&creators, figure), EARNED, "{figure}: {creators:?}");
    }
    for one in &creators {
        assert_eq!(one["message"], "All three agree to the cent.", "{one}");
    }
    world.assert_complete().await;
    let page = world.dashboard("timeRange=all").await;
    assert_eq!(page["kpiMetrics"]["totalRevenueCents"], EARNED);
    assert_eq!(page["freshness"]["exact"], json!(true), "{}", page["freshness"]);
}
