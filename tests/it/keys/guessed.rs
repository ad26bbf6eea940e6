//! Rows of an older system that say little of whose they are: a name is no proof, and half a pair of
//! tokens is a pair all the same.

use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault};
use uuid::Uuid;

use super::{add_agency, consent, heartbeat, leave_plain, sync};
use crate::{
    login::browser::{Browser, link},
    world::{TEN_MINUTES, World},
};

/// A row called Mia that holds another account's tokens and says nothing else of itself; its id, and
/// the account whose display name is Mia.
async fn namesakes(world: &World) -> (String, Uuid) {
    let owner = world.creator("Mia One", 40, 0);
    let namesake = world.creator("Mia", 40, 0);
    let grant = consent(world, owner);
    let refresh = grant.refresh_token.unwrap();
    let id = leave_plain(world, None, &grant.access_token, &refresh).await;
    world.db.sql(&format!("update models set name = 'Mia' where id = '{id}'")).await;
    (id, namesake)
}

async fn uuid_and_tokens(world: &World, id: &str) -> Vec<String> {
    let sql = format!(
        "select fanvue_user_uuid is null, coalesce(fanvue_access_token, '') not in ('', 'sealed'),
                fanvue_refresh_token is not null
           from models where id = '{id}'"
    );
    world.db.sql(&sql).await.remove(0)
}

#[tokio::test]
async fn a_name_takes_nobodys_tokens() {
    let world = World::empty().await;
    add_agency(&world).await;
    let (id, namesake) = namesakes(&world).await;
    world.connect().await;
    assert_eq!(uuid_and_tokens(&world, &id).await, ["t", "t", "t"], "the agency was connected");
    heartbeat(&world.ctx).await;
    world.assert_complete().await;
    let read = format!("select name from models where fanvue_user_uuid = '{namesake}'");
    assert_eq!(world.db.sql(&read).await, [["Mia"]], "she has a row of her own");
}

#[tokio::test]
async fn a_list_made_unasked_guesses_nothing_about_plain_tokens() {
    let world = World::empty().await;
    world.connect().await;
    let (id, _) = namesakes(&world).await;
    world.sim.fault(NewFault {
        matches: FaultMatch { path: Some("/users/me".into()), ..FaultMatch::default() },
        fault: Fault::Status(503),
        times: None,
    });
    world.advance(TEN_MINUTES);
    sync(&world.ctx).await;
    assert_eq!(uuid_and_tokens(&world, &id).await, ["t", "t", "t"]);
}

#[tokio::test]
async fn a_creators_own_link_takes_no_row_by_its_name() {
    let world = World::empty().await;
    add_agency(&world).await;
    let mia = world.creator("Mia", 40, 0);
    world.db.sql("insert into models (agency_id, name) select id, 'Mia' from agencies").await;
    world.settings(json!({"consentAs": mia}));
    let link = link(&world, "kind=creator").await;
    assert_eq!(Browser::default().follow(&world, &link).await.status, 200);
    let rows = "select fanvue_user_uuid is null from models where name = 'Mia' order by 1";
    assert_eq!(world.db.sql(rows).await, [["f"], ["t"]], "whoever opens a link chooses the name");
}

#[tokio::test]
async fn a_refresh_token_alone_is_sealed_and_its_creator_read() {
    let world = World::empty().await;
    add_agency(&world).await;
    let refresh_of = |name: &str| {
        let creator = world.creator(name, 40, 0);
        (creator, consent(&world, creator).refresh_token.unwrap())
    };
    let (ada, bea, cleo) = (refresh_of("Ada"), refresh_of("Bea"), refresh_of("Cleo"));
    let with_null = leave_plain(&world, Some(ada.0), "", &ada.1).await;
    leave_plain(&world, Some(bea.0), "", &bea.1).await;
    let unknown = leave_plain(&world, None, "", &cleo.1).await;
    let sql = "update models set fanvue_access_token = null where id = ";
    world.db.sql(&format!("{sql}'{with_null}'")).await;
    sync(&world.ctx).await;
    heartbeat(&world.ctx).await;
    let ledger = world.db.ledger().await;
    let accounts: Vec<_> = ledger.iter().map(|sums| sums.0.clone()).collect();
    let mut expected = [ada.0.to_string(), bea.0.to_string()];
    expected.sort();
    assert_eq!(accounts, expected, "both are read, and nobody else");
    let left = "select id from models where fanvue_refresh_token is not null";
    assert_eq!(world.db.sql(left).await, [[unknown]], "nobody knows whose it is");
    let states = "select distinct state, is_identified from fanvue_connections";
    assert_eq!(world.db.sql(states).await, [["active", "t"]]);
    let marks = "select count(*) from models where fanvue_access_token = 'sealed'";
    assert_eq!(world.db.sql(marks).await, [["2"]], "a mark is no token that others may have");
}

#[tokio::test]
async fn a_refresh_token_written_beside_the_mark_is_not_taken_for_everybodys() {
    let world = World::empty().await;
    add_agency(&world).await;
    let read = super::add_connected(&world, &["Ada", "Bea"]).await;
    let cleo = world.creator("Cleo", 40, 0);
    let refresh = consent(&world, cleo).refresh_token.unwrap();
    leave_plain(&world, Some(cleo), "sealed", &refresh).await;
    sync(&world.ctx).await;
    heartbeat(&world.ctx).await;
    world.assert_complete().await;
    let marks = "select count(*) from models where fanvue_access_token = 'sealed'";
    assert_eq!(world.db.sql(marks).await, [[(read.len() + 1).to_string()]]);
}
