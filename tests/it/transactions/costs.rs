//! What a page costs: as many entries of an index as it shows, however rare what is asked for.

use super::{LIST, SECRET};
use crate::world::World;

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

#[tokio::test]
async fn a_page_reads_what_it_shows_and_no_more() {
    let mut world = World::counting().await;
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
            world.begin_process();
            let before = world.entries_read().await;
            let (status, page) = world.get(&format!("{LIST}?{query}"), Some(SECRET)).await;
            assert_eq!(status, 200, "{page}");
            world.end_process();
            let read = world.entries_read().await - before;
            // One more than it shows from each source, and a spare one for a partly filled page.
            assert!(read <= sources * 12, "{query} read {read} entries");
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            query = format!("timeRange=all{filter}&limit=10&cursor={cursor}");
        }
    }
}
