//! Connections that ended while a function was frozen: whoever asks next is answered.

use super::{DASHBOARD, HEALTH, HEARTBEAT, assert_shown, door::behind_a_door, told, world};

/// Ends every session of this database but the one that asks.
const END_ALL: &str = "select pg_terminate_backend(pid)::text from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend'";

#[tokio::test]
async fn connections_that_were_ended_between_two_requests_are_replaced_unnoticed() {
    let (mut world, creators) = world().await;
    let door = behind_a_door(&mut world).await;
    for round in 0..3 {
        world.sell(creators[round % 2], 2);
        world.advance(60);
        for uri in [HEARTBEAT, DASHBOARD, HEALTH] {
            told(&world.ctx, uri).await;
            match round {
                0 => door.cut(),
                1 => assert!(!world.db.sql(END_ALL).await.is_empty()),
                // Several of them, as a tick has left them.
                _ => {
                    told(&world.ctx, HEARTBEAT).await;
                    door.cut();
                }
            }
        }
        assert_shown(&world, &world.ctx).await;
        world.assert_complete().await;
    }
}

#[tokio::test]
async fn connections_through_which_nothing_comes_are_replaced_unnoticed() {
    let (mut world, creators) = world().await;
    let door = behind_a_door(&mut world).await;
    told(&world.ctx, DASHBOARD).await;
    door.swallow();
    told(&world.ctx, DASHBOARD).await;
    world.sell(creators[0], 2);
    world.advance(60);
    door.swallow();
    told(&world.ctx, HEARTBEAT).await;
    assert_shown(&world, &world.ctx).await;
    world.assert_complete().await;
}
