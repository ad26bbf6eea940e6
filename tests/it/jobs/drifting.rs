//! Sums beside the days that drifted from them: whoever asks for a history has them right at its end.

use simulator::{Bulk, Fault, FaultMatch, NewFault};
use store::Drift;

use super::FORCE_SYNC;
use crate::world::{SECRET, TEN_MINUTES, World};

/// What a restore of data alone, a trigger that was off and a hand leave behind.
const DRIFTS: [&str; 3] = [
    "delete from revenue_sums",
    "delete from revenue_sums where day > '2026-11-01'",
    "update revenue_sums set gross_cents = gross_cents + 5, net_cents = net_cents - 1",
];

impl World {
    /// A tick, after which not all sums have to be right.
    async fn tick_amid_drifts(&self) {
        let (status, report) = self.get("/api/cron/revenue-heartbeat", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
    }

    /// How many sums are not those of their days: of that creator, or of all together.
    async fn drifted_sums(&self, account: Option<uuid::Uuid>) -> usize {
        let model = match account {
            Some(account) => Some(self.model(account).await),
            None => None,
        };
        let is_of = |drift: &Drift| match drift {
            Drift::Coarse { creator, .. } => creator.map(|it| it.to_string()) == model,
            _ => false,
        };
        self.ctx.store.list_drifts().await.unwrap().iter().filter(|drift| is_of(drift)).count()
    }
}

#[tokio::test]
async fn sums_follow_their_days_again_where_a_job_ends() {
    let (world, ..) = World::with_two().await;
    for drift in DRIFTS {
        world.db.sql(drift).await;
        let drifts = world.ctx.store.list_drifts().await.unwrap().len();
        assert_ne!(drifts, 0, "{drift}");
        world.db.sql("delete from repairs").await;
        world.force_sync("").await;
        world.tick().await;
        world.assert_complete().await;
        let receipts = "select count(*) from repairs where cause = 'drifted_sum' and kind = 'sums'";
        assert_eq!(world.db.sql(receipts).await, [[drifts.to_string()]], "{drift}");
        world.advance(TEN_MINUTES);
    }
}

#[tokio::test]
async fn one_creators_job_mends_her_sums_and_those_of_all() {
    let (world, ada, bea) = World::with_two().await;
    world.db.sql("delete from revenue_sums").await;
    let model = world.model(ada).await;
    world.force_sync(&format!("modelId={model}")).await;
    world.tick_amid_drifts().await;
    assert_eq!((world.drifted_sums(Some(ada)).await, world.drifted_sums(None).await), (0, 0));
    assert_ne!(world.drifted_sums(Some(bea)).await, 0, "nobody asked for hers");
    // Where all was read a moment ago they are mended at once.
    let hers = format!("update revenue_sums set gross_cents = 7 where model_id = '{model}'");
    world.db.sql(&hers).await;
    world.db.sql("update revenue_sums set gross_cents = 7 where model_id is null").await;
    let (status, answer) = world.post(&format!("{FORCE_SYNC}?modelId={model}")).await;
    assert_eq!(status, 429, "{answer}");
    assert_eq!((world.drifted_sums(Some(ada)).await, world.drifted_sums(None).await), (0, 0));
    let model = world.model(bea).await;
    let job = world.force_sync(&format!("modelId={model}")).await;
    world.advance(60);
    world.tick_amid_drifts().await;
    assert_eq!(world.job(&job).await["state"], "done");
    world.assert_complete().await;
}

#[tokio::test]
async fn of_parts_that_end_at_once_one_is_the_last() {
    let world = World::empty().await;
    let bulk = Bulk { creators: 16, rows: 480, days: Some(90), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    for drift in DRIFTS {
        world.advance(TEN_MINUTES);
        world.db.sql(drift).await;
        let job = world.force_sync("").await;
        world.tick_amid_drifts().await;
        assert_eq!(world.job(&job).await["state"], "done");
        world.assert_complete().await;
    }
}

#[tokio::test]
async fn the_sums_of_all_are_compared_once_a_job() {
    let (world, ada, bea) = World::with_two().await;
    world.db.sql("update revenue_sums set gross_cents = gross_cents + 5").await;
    let of_all = world.drifted_sums(None).await;
    let matches = FaultMatch { creator: Some(bea), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    let job = world.force_sync("").await;
    world.tick_amid_drifts().await;
    assert_eq!(world.job(&job).await["creatorsDone"], 1);
    assert_eq!(world.drifted_sums(Some(ada)).await, 0, "her part has ended");
    assert_ne!(world.drifted_sums(Some(bea)).await, 0, "hers has not");
    assert_eq!(world.drifted_sums(None).await, of_all, "nor has the job");
    world.sim.clear_faults();
    for _ in 0..3 {
        world.advance(TEN_MINUTES);
        world.tick_amid_drifts().await;
    }
    assert_eq!(world.job(&job).await["state"], "done");
    world.assert_complete().await;
}
