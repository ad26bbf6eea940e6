//! What a page costs: as many entries of an index as it shows, however rare what is asked for.

use super::{LIST, SECRET};
use crate::world::{World, config};

/// Forty creators; all but one in forty rows are messages, only creator 7 has tips and long ago, and
/// creator 10 has not sold anything for long.
const LEDGER: &str = "
    insert into models (agency_id, name)
    select id, 'C' || i from agencies, generate_series(1, 40) as i;
    insert into fanvue_transactions
        (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
         amount_cents, net_cents, created_at, synced_at)
    select m.agency_id, m.id, 'to_' || i, at, case
               when m.name = 'C7' and i > 23000 then 'tip'
               when i % 40 = 3 then 'renewal' else 'message' end, 1, 1, at, at
      from generate_series(1, 24000) as i
      join models m on m.name = case
               when i < 22000 and i % 40 = 9 then 'C1' else 'C' || (1 + (i % 40)) end
     cross join lateral (select '2026-11-21T09:00:00Z'::timestamptz - i * interval '20 minutes') as t (at);
    insert into revenue_daily
    select agency_id, model_id, (transaction_date at time zone 'Europe/Rome')::date,
           transaction_type, sum(amount_cents), sum(net_cents), count(*)
      from fanvue_transactions group by 1, 2, 3, 4;
    analyze";

/// Entries of the ledger and of its indexes that were read so far, by sessions that have ended.
async fn entries_read(world: &World) -> u64 {
    let sql = "select (select count(*) from pg_stat_activity where datname = current_database()
                         and pid <> pg_backend_pid() and backend_type = 'client backend'),
                      (select sum(idx_tup_read) from pg_stat_user_indexes
                        where relname = 'fanvue_transactions'),
                      (select seq_tup_read from pg_stat_user_tables
                        where relname = 'fanvue_transactions')";
    loop {
        let row = world.db.sql(sql).await.remove(0);
        if row[0] == "0" {
            return row[1].parse::<u64>().unwrap() + row[2].parse::<u64>().unwrap();
        }
    }
}

#[tokio::test]
async fn a_page_reads_what_it_shows_and_no_more() {
    let mut world = World::empty().await;
    // A pooler keeps sessions open, and what they read is counted when they end.
    world.db.url = world.db.direct_url().await;
    world.connect().await;
    world.db.sql(LEDGER).await;
    let models = world.db.sql("select name, id from models").await;
    let model = |name: &str| models.iter().find(|row| row[0] == name).unwrap()[1].clone();
    let (seven, ten) = (model("C7"), model("C10"));
    for (filter, sources) in [
        (String::new(), 1),
        ("&source=message".into(), 1),
        ("&source=renewal".into(), 1),
        ("&source=tip".into(), 1),
        ("&source=chargeback".into(), 1),
        ("&category=refunds".into(), 2),
        ("&category=referrals".into(), 3),
        (format!("&modelId={seven}"), 1),
        (format!("&modelId={ten}"), 1),
        (format!("&modelId={seven}&source=tip"), 1),
        (format!("&modelId={seven}&source=message"), 1),
        (format!("&modelId={ten}&category=tips"), 1),
    ] {
        let mut query = format!("timeRange=all{filter}&limit=10");
        for _ in 0..2 {
            // A process of its own: its sessions count when they have ended.
            world.ctx = app::Ctx::with(
                config(&world.db.url, "http://127.0.0.1:1"),
                std::sync::Arc::new(crate::world::transport::InProcess {
                    sim: world.sim.clone(),
                    clock: std::sync::Arc::clone(&world.clock),
                }),
                std::sync::Arc::clone(&world.clock) as _,
                std::sync::Arc::new(app::SystemEntropy),
            )
            .unwrap();
            let before = entries_read(&world).await;
            let (status, page) = world.get(&format!("{LIST}?{query}"), Some(SECRET)).await;
            assert_eq!(status, 200, "{page}");
            world.ctx.store =
                store::Store::open(&world.db.url.clone().into(), store::Options::default())
                    .unwrap();
            let read = entries_read(&world).await - before;
            // One more than it shows from each source, and a spare one for a partly filled page.
            assert!(read <= sources * 12, "{query} read {read} entries");
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            query = format!("timeRange=all{filter}&limit=10&cursor={cursor}");
        }
    }
}
