//! Histories that the proof reads again come round, whoever of them can't be read.

use simulator::{Fault, FaultMatch, NewFault};
use uuid::Uuid;

use crate::world::World;

#[tokio::test]
async fn a_history_that_can_not_be_read_holds_up_no_other_of_its_agency_for_long() {
    let world = World::empty().await;
    let mut both = [world.creator("Ada", 60, 0), world.creator("Bea", 60, 0)];
    world.connect().await;
    world.db.sql("delete from models where name not in ('Ada', 'Bea')").await;
    world.tick().await;
    world.rested().await;
    world.advance(31 * 24 * 3600);
    world.tick().await;
    world.advance(61);
    // Of those who were never read again the one with the lesser account comes first.
    both.sort();
    let [first, second] = both;
    let path = Some(format!("{first}/insights"));
    let matches = FaultMatch { path, ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    assert_eq!(world.prove().await["historiesBegun"], 1);
    let done = |account: Uuid| {
        let world = &world;
        let sql = format!(
            "select count(*) from sync_job_creators j join sync_jobs o on o.id = j.job_id
               join models m on m.id = j.model_id
              where o.is_proof and j.outcome = 'done' and j.rows_read > 0
                and m.fanvue_user_uuid = '{account}'"
        );
        async move { world.db.sql(&sql).await[0][0].clone() }
    };
    // The night that began hers begins no other, and the next one does.
    for _ in 0..8 {
        world.advance(1_200);
        world.tick().await;
    }
    assert_eq!(world.prove().await["historiesBegun"], 0, "so many a night");
    world.advance(22 * 3600);
    world.tick().await;
    assert_eq!(world.prove().await["historiesBegun"], 1);
    assert_eq!((done(first).await, done(second).await), ("0".into(), "1".into()));
    // Hers is gone on with when she can be read.
    world.sim.clear_faults();
    world.advance(1_200);
    world.tick().await;
    assert_eq!((done(first).await, done(second).await), ("1".into(), "1".into()));
    world.assert_complete().await;
}
