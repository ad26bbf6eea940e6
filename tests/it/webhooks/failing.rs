//! An event that can't be taken in holds up nothing: neither other events nor a tick.

use app::webhooks::replay;
use serde_json::json;
use simulator::NewSale;
use uuid::Uuid;

use super::World;
use crate::world::SECRET;

const REFUSE: &str = "
    create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no' using errcode = '23514'; end $$;
    create trigger refuse before insert on provisional_transactions for each row
        when (new.gross_cents = 666) execute function refuse()";

fn sell(world: &World, creator: Uuid, gross_cents: i64) {
    world.sell_as(NewSale {
        gross_cents: Some(gross_cents),
        source: Some("tip".into()),
        fan: Some("bea".into()),
        currency: Some("USD".into()),
        ..NewSale::of(creator)
    });
}

#[tokio::test]
async fn an_event_that_fails_holds_up_nothing_and_waits_for_a_person_in_the_end() {
    let (world, creator) = World::told(json!({})).await;
    let before = world.shown().await.0;
    for statement in REFUSE.split_inclusive("$$;") {
        world.db.sql(statement).await;
    }
    sell(&world, creator, 666);
    sell(&world, creator, 500);
    assert_eq!(world.deliver().await, [200, 200]);
    assert_eq!(world.shown().await, (before + 500, 500, 1), "the other is shown");
    let event = "select state, attempts::text from webhook_events where state <> 'done'";
    assert_eq!(world.db.sql(event).await, [["new", "1"]]);
    world.advance(1);
    world.tick().await;
    assert_eq!(world.db.sql(event).await, [["new", "1"]], "not before a minute is over");
    assert_eq!(world.shown().await, (world.earned(), 0, 0), "rows need no webhook");
    for attempt in 2..=5 {
        world.advance(61);
        world.tick().await;
        let state = if attempt < 5 { "new" } else { "quarantined" };
        assert_eq!(world.db.sql(event).await, [[state.to_owned(), attempt.to_string()]]);
        let (_, health) = world.get("/api/health", Some(SECRET)).await;
        let told = if attempt < 5 {
            json!({"waiting": 1, "oldestWaitingSeconds": 1 + 61 * (attempt - 1), "quarantined": 0})
        } else {
            json!({"waiting": 0, "oldestWaitingSeconds": null, "quarantined": 1})
        };
        assert_eq!(health["webhooks"], told);
    }
    assert_eq!(replay(&world.ctx, None).await.unwrap().understood, 0);
    world.db.sql("drop trigger refuse on provisional_transactions").await;
    world.advance(61);
    world.tick().await;
    assert!(world.db.sql(event).await.is_empty());
    assert_eq!(world.shown().await, (world.earned(), 0, 0), "its row was there before it");
}
