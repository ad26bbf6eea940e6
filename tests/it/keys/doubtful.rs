//! Plain tokens of which nobody can say at once whose they are.

use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault};

use super::{add_agency, consent, heartbeat, leave_plain, sync};
use crate::world::{TEN_MINUTES, World};

#[tokio::test]
async fn a_token_at_two_creators_is_nobodys_and_reads_nothing() {
    let world = World::empty().await;
    add_agency(&world).await;
    let (ada, bea) = (world.creator("Ada", 40, 0), world.creator("Bea", 40, 0));
    let grant = consent(&world, ada);
    let refresh = grant.refresh_token.unwrap();
    leave_plain(&world, Some(ada), &grant.access_token, &refresh).await;
    leave_plain(&world, Some(bea), &grant.access_token, &refresh).await;
    // The access token has ended, so Fanvue does not say whose it is before a refresh.
    world.advance(7200);
    for _ in 0..2 {
        sync(&world.ctx).await;
        heartbeat(&world.ctx).await;
        world.advance(TEN_MINUTES);
    }
    assert_eq!(world.db.ledger().await, []);
    let adopted = "select count(*) from fanvue_connections";
    assert_eq!(world.db.sql(adopted).await, [["0"]]);
}

#[tokio::test]
async fn copies_of_a_token_go_when_it_is_sealed_and_end_nobodys_connection() {
    let world = World::empty().await;
    add_agency(&world).await;
    let (ada, bea) = (world.creator("Ada", 40, 0), world.creator("Bea", 40, 0));
    let grant = consent(&world, ada);
    let refresh = grant.refresh_token.unwrap();
    leave_plain(&world, Some(bea), &grant.access_token, &refresh).await;
    leave_plain(&world, Some(ada), &grant.access_token, &refresh).await;
    for _ in 0..3 {
        sync(&world.ctx).await;
        heartbeat(&world.ctx).await;
        world.advance(7200);
    }
    let states = "select account_uuid, state from fanvue_connections";
    assert_eq!(world.db.sql(states).await, [[ada.to_string(), "active".into()]]);
    let plain = "select count(*) from models where fanvue_access_token <> 'sealed'
                     or fanvue_refresh_token is not null";
    assert_eq!(world.db.sql(plain).await, [["0"]]);
}

#[tokio::test]
async fn creators_without_refresh_tokens_have_no_token_in_common() {
    let world = World::empty().await;
    add_agency(&world).await;
    for name in ["Ada", "Bea"] {
        let creator = world.creator(name, 20, 0);
        let grant = consent(&world, creator);
        leave_plain(&world, Some(creator), &grant.access_token, "").await;
    }
    sync(&world.ctx).await;
    heartbeat(&world.ctx).await;
    world.assert_complete().await;
}

#[tokio::test]
async fn an_ended_token_is_refreshed_whatever_the_older_system_wrote_of_its_end() {
    let world = World::empty().await;
    add_agency(&world).await;
    let ada = world.creator("Ada", 40, 0);
    let grant = consent(&world, ada);
    let refresh = grant.refresh_token.unwrap();
    let id = leave_plain(&world, Some(ada), &grant.access_token, &refresh).await;
    let far = world.now() + jiff::SignedDuration::from_hours(480);
    let sql = format!(
        "update models set fanvue_token_expires_at = '{far}',
                fanvue_user_uuid = upper(fanvue_user_uuid) where id = '{id}'"
    );
    world.db.sql(&sql).await;
    world.advance(7200);
    sync(&world.ctx).await;
    heartbeat(&world.ctx).await;
    // An agency that lists her finds her, however the older system spelt her uuid.
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    assert_eq!(world.db.sql("select count(*) from models where name = 'Ada'").await, [["0"]]);
}

#[tokio::test]
async fn tokens_of_another_account_are_found_out_before_anything_is_read_with_them() {
    let world = World::empty().await;
    add_agency(&world).await;
    let (ada, bea) = (world.creator("Ada", 40, 0), world.creator("Bea", 40, 0));
    // Bea's row, Ada's tokens.
    let grant = consent(&world, ada);
    leave_plain(&world, Some(bea), &grant.access_token, &grant.refresh_token.unwrap()).await;
    world.advance(7200);
    sync(&world.ctx).await;
    let report = heartbeat(&world.ctx).await;
    assert_eq!(report["creators"][0]["state"], "disconnected", "{report}");
    assert_eq!(world.db.ledger().await, []);
    let state = world.db.sql("select state, last_error from fanvue_connections").await;
    assert_eq!(state[0][0], "revoked");
    assert!(state[0][1].contains("another account's"), "{state:?}");
}

#[tokio::test]
async fn tokens_that_can_not_say_whose_they_are_are_sealed_and_a_person_is_asked() {
    let world = World::empty().await;
    add_agency(&world).await;
    let (ada, bea) = (world.creator("Ada", 40, 0), world.creator("Bea", 40, 0));
    let silent = consent(&world, ada);
    leave_plain(&world, Some(ada), &silent.access_token, &silent.refresh_token.unwrap()).await;
    world.sim.fault(NewFault {
        matches: FaultMatch { path: Some("/users/me".into()), ..FaultMatch::default() },
        fault: Fault::Status(403),
        times: None,
    });
    sync(&world.ctx).await;
    world.sim.clear_faults();
    let ended = consent(&world, bea);
    leave_plain(&world, Some(bea), &ended.access_token, "").await;
    world.advance(7200);
    sync(&world.ctx).await;
    heartbeat(&world.ctx).await;
    assert_eq!(world.db.ledger().await, []);
    let plain = "select count(*) from models where fanvue_access_token <> 'sealed'
                     or fanvue_refresh_token is not null";
    assert_eq!(world.db.sql(plain).await, [["0"]]);
    let ended = "select count(*) from fanvue_connections
                  where state = 'revoked' and last_error like '%older system left%'";
    assert_eq!(world.db.sql(ended).await, [["2"]]);
}

#[tokio::test]
async fn plain_tokens_wait_for_their_sealing_when_the_agency_lists_their_creator() {
    let world = World::empty().await;
    world.connect().await;
    let ada = world.creator("Ada", 40, 0);
    let grant = consent(&world, ada);
    leave_plain(&world, Some(ada), &grant.access_token, &grant.refresh_token.unwrap()).await;
    // Fanvue says whose a token is to nobody just now, but lists the agency's creators.
    world.sim.fault(NewFault {
        matches: FaultMatch { path: Some("/users/me".into()), ..FaultMatch::default() },
        fault: Fault::Status(503),
        times: None,
    });
    world.advance(TEN_MINUTES);
    sync(&world.ctx).await;
    let kept = format!("select count(*) from models where fanvue_access_token = '{}'", {
        &grant.access_token
    });
    assert_eq!(world.db.sql(&kept).await, [["1"]]);
    world.sim.clear_faults();
    world.advance(TEN_MINUTES);
    sync(&world.ctx).await;
    assert_eq!(world.db.sql(&kept).await, [["0"]]);
    heartbeat(&world.ctx).await;
    world.assert_complete().await;
    let own = "select kind from fanvue_connections c join models m on m.connection_id = c.id
                where m.name = 'left'";
    assert_eq!(world.db.sql(own).await, [["creator"]]);
}

#[tokio::test]
async fn a_token_without_a_refresh_token_is_used_to_its_end() {
    let world = World::empty().await;
    add_agency(&world).await;
    let ada = world.creator("Ada", 40, 0);
    let grant = consent(&world, ada);
    let id = leave_plain(&world, Some(ada), &grant.access_token, "").await;
    let life = i64::from(grant.expires_in);
    let ends_at = world.now() + jiff::SignedDuration::from_secs(life);
    let sql = format!("update models set fanvue_token_expires_at = '{ends_at}' where id = '{id}'");
    world.db.sql(&sql).await;
    sync(&world.ctx).await;
    world.advance(life * 9 / 10);
    world.sell(ada, 1);
    world.advance(1);
    let report = heartbeat(&world.ctx).await;
    assert_eq!(report["unfinished"], 0, "{report}");
    world.assert_complete().await;
    let connection = world.db.sql("select id from fanvue_connections").await.remove(0).remove(0);
    let uri = format!("/api/auth/fanvue/refresh?connectionId={connection}");
    let (status, body) = world.post(&uri).await;
    assert_eq!((status, &body["state"]), (200, &json!("active")), "{body}");
    world.advance(life);
    let report = heartbeat(&world.ctx).await;
    assert_eq!(report["creators"][0]["state"], json!("disconnected"), "{report}");
}
