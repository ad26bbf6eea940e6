//! Who follows, subscribes and writes: lists, the counts that are too high, changes by day, links.

use serde_json::{Value, json};

use super::{World, options, origin};

const DAY: i64 = 86_400;

fn truth(world: &World) -> Value {
    world.get(&format!("/sim/audience?creator={}", world.creator())).json()
}

/// All rows of a numbered list.
fn numbered(world: &World, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for page in 1..1000 {
        let got = world.get(&format!("{path}?size=50&page={page}"));
        rows.extend(got.rows());
        if got.json()["pagination"]["hasMore"] == false {
            return rows;
        }
    }
    panic!("endless");
}

#[test]
fn lists_tell_who_is_there_and_counts_tell_who_ever_was() {
    let world = World::new(options(3, 0));
    let creator = world.creator();
    let change =
        json!({"creator": creator, "subscribe": 60, "pending": 2, "cancel": 5, "unread": 7});
    assert_eq!(world.post("/sim/audience", change).status, 200);
    let truth = truth(&world);
    let count = |name: &str| truth[name].as_u64().unwrap() as usize;
    assert!(count("subscribers") < count("everSubscribed"));
    for style in ["keyset", "offset"] {
        world.set(json!({"cursorStyle": style}));
        let path = format!("/v1/creators/{creator}/subscribers");
        let (subscribers, pages) = world.walk(&path, "size=50");
        let status = |row: &&Value| row["subscription"]["status"] == "active";
        assert_eq!(subscribers.iter().filter(status).count(), count("subscribers"));
        assert_eq!(subscribers.len(), count("subscribers") + 2, "two never confirmed");
        assert!(pages > 1);
    }
    let followers = numbered(&world, &format!("/creators/{creator}/followers"));
    assert_eq!(followers.len(), count("followers"));
    let chats = numbered(&world, &format!("/creators/{creator}/chats"));
    let unread: u64 = chats.iter().map(|chat| chat["unreadMessagesCount"].as_u64().unwrap()).sum();
    assert_eq!(unread as usize, count("unreadMessages"));
    let smart = world.get(&format!("/creators/{creator}/chats/lists/smart")).json();
    assert_eq!(smart[0]["uuid"], "subscribers");
    assert!(count("subscribers") < smart[0]["count"].as_u64().unwrap() as usize);
}

#[test]
fn the_account_itself_is_asked_by_personal_paths_and_nobody_is_by_others() {
    let world = World::new(options(2, 0));
    let own = world.simulator.agency();
    let truth = world.get(&format!("/sim/audience?creator={own}")).json();
    let unread = world.get("/v1/chats/unread").json();
    assert_eq!(unread["unreadMessagesCount"], truth["unreadMessages"]);
    let me = world.get("/users/me").json();
    assert_eq!(me["fanCounts"]["subscribersCount"], truth["everSubscribed"]);
    assert_eq!(me["fanCounts"]["followersCount"], truth["followers"]);
    assert_eq!(me["likesCount"], truth["likes"]);
    assert_eq!(me["contentCounts"]["postCount"], truth["posts"]);
    assert_eq!(world.get(&format!("/creators/{own}/subscribers")).status, 404);
    assert_eq!(world.get(&format!("/creators/{}/chats/unread", world.creator())).status, 404);
    world.set(json!({"withheldScopes": ["read:fan"]}));
    assert_eq!(world.get("/subscribers").status, 403);
    assert_eq!(world.get("/chats").status, 200);
}

#[test]
fn changes_come_in_days_of_the_offset_that_was_asked_with() {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    let path = format!("/v1/creators/{creator}/insights/subscribers");
    let asked = |start: &str, end: &str| {
        let rows = world.get(&format!("{path}?startDate={start}&endDate={end}&size=50")).rows();
        let new = |row: &Value| row["newSubscribersCount"].as_u64().unwrap();
        (rows[0]["date"].clone(), rows.iter().map(new).collect::<Vec<_>>())
    };
    let rome = || asked("2026-09-28T00:00:00%2B02:00", "2026-09-29T00:00:00%2B02:00");
    let utc = || asked("2026-09-28T00:00:00Z", "2026-09-29T00:00:00Z").1[0];
    let (rome_before, utc_before) = (rome().1[0], utc());
    // 00:30 in Rome on the 28th of September, 22:30 in UTC on the day before.
    for (count, at) in [(2, "2026-09-27T22:30:00Z"), (3, "2026-09-28T12:00:00Z")] {
        let change = json!({"creator": creator, "subscribe": count, "at": at});
        assert_eq!(world.post("/sim/audience", change).status, 200);
    }
    let (date, new) = rome();
    assert_eq!(date, "2026-09-27T22:00:00.000Z");
    assert_eq!((new.len(), new[0] - rome_before, utc() - utc_before), (1, 5, 3));
    let days = format!("/sim/audience?creator={creator}&timezone=Europe/Rome");
    let days = world.get(&days).json()["days"].as_array().unwrap().clone();
    let day = days.iter().find(|day| day["date"] == "2026-09-28").unwrap();
    assert_eq!(day["newSubscribers"], new[0]);
    let far = origin().as_second() - 400 * DAY;
    let far = jiff::Timestamp::from_second(far).unwrap();
    assert_eq!(world.get(&format!("{path}?startDate={far}")).status, 400);
}

#[test]
fn top_spenders_and_links_are_the_true_ones() {
    let world = World::new(options(3, 60));
    let creator = world.creator();
    world.post("/sim/audience", json!({"creator": creator, "link": "Fresh"}));
    let truth = truth(&world);
    let top = world.get(&format!("/creators/{creator}/insights/top-spenders?size=50")).rows();
    assert!(!top.is_empty());
    for (told, spender) in top.iter().zip(truth["spenders"].as_array().unwrap()) {
        assert_eq!(told["user"]["uuid"], spender["fan"]);
        assert_eq!(told["gross"], spender["grossCents"]);
    }
    let (links, _) = world.walk(&format!("/v1/creators/{creator}/tracking-links"), "limit=2");
    assert_eq!(links.len(), truth["links"].as_array().unwrap().len());
    let fresh = links.iter().find(|link| link["name"] == "Fresh").unwrap();
    assert_eq!((&fresh["earnings"], &fresh["clicks"]), (&Value::Null, &json!(0)));
}
