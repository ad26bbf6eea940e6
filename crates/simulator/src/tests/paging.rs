//! Paging: every row exactly once, in both orders and with both kinds of cursors.

use serde_json::{Value, json};

use super::{World, cents, ids, options, unlimited};

fn feed(world: &World) -> String {
    format!("/v1/creators/{}/insights/earnings", world.creator())
}

fn busy() -> World {
    let world = World::new(options(2, 0));
    world.set(unlimited());
    let creator = world.creator();
    for (count, at) in [(160, "2026-09-01T10:00:00Z"), (3, "2026-09-02T10:00:00Z")] {
        // All in one millisecond: ties run over several page edges.
        world.sell(json!({"creator": creator, "count": count, "at": at}));
    }
    for day in 3..30 {
        let at = format!("2026-09-{day:02}T12:00:00.123Z");
        world.sell(json!({"creator": creator, "count": 4, "at": at, "twins": 2}));
    }
    world
}

#[test]
fn every_row_comes_exactly_once_in_both_orders_with_both_cursors() {
    let world = busy();
    let total = 163 + 27 * 8;
    for order in ["newest", "oldest"] {
        for style in ["keyset", "offset"] {
            world.set(json!({"order": order, "cursorStyle": style}));
            for size in [50, 7, 1] {
                let (rows, pages) = world.walk(&feed(&world), &format!("size={size}"));
                assert_eq!(pages, usize::div_ceil(total, size), "{order} {style} {size}");
                let mut seen = ids(&rows);
                seen.sort_unstable();
                seen.dedup();
                assert_eq!((rows.len(), seen.len()), (total, total), "{order} {style} {size}");
                let dates: Vec<&str> =
                    rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
                match order {
                    "newest" => assert!(dates.is_sorted_by(|a, b| a >= b)),
                    _ => assert!(dates.is_sorted()),
                }
            }
        }
    }
}

#[test]
fn truth_is_the_sum_of_paging_through_v1() {
    let world = World::new(options(5, 120));
    world.set(unlimited());
    let truth = world.simulator.truth(world.now);
    for creator in &truth.creators {
        let path = match creator.uuid == world.simulator.agency() {
            true => "/v1/insights/earnings".to_owned(),
            false => format!("/v1/creators/{}/insights/earnings", creator.uuid),
        };
        let (rows, _) = world.walk(&path, "size=50");
        assert_eq!(rows.len() as u64, creator.rows);
        assert_eq!(cents(&rows, "gross"), creator.gross_cents);
        assert_eq!(cents(&rows, "net"), creator.net_cents);
    }
    assert_eq!(truth.gross_cents, truth.creators.iter().map(|c| c.gross_cents).sum::<i64>());
}

#[test]
fn rows_that_arrive_do_not_move_keyset_pages_but_offset_pages() {
    for (style, repeated) in [("keyset", 0), ("offset", 3)] {
        let world = busy();
        world.set(json!({"cursorStyle": style}));
        let first = world.get(&format!("{}?size=50", feed(&world)));
        world.sell(json!({"creator": world.creator(), "count": 3}));
        let cursor = first.cursor().unwrap();
        let second = world.get(&format!("{}?size=50&cursor={cursor}", feed(&world)));
        let before = ids(&first.rows());
        let again = ids(&second.rows()).iter().filter(|id| before.contains(id)).count();
        assert_eq!(again, repeated, "{style}");
    }
}

#[test]
fn a_window_includes_its_start_and_excludes_its_end() {
    let world = World::new(options(2, 0));
    for at in ["2026-09-01T00:00:00Z", "2026-09-01T23:59:59.999Z", "2026-09-02T00:00:00Z"] {
        world.sell(json!({"creator": world.creator(), "at": at}));
    }
    let dates = |query: &str| -> Vec<String> {
        let rows = world.get(&format!("{}?{query}", feed(&world))).rows();
        rows.iter().map(|row| row["date"].as_str().unwrap().to_owned()).collect()
    };
    let day = dates("startDate=2026-09-01T00:00:00Z&endDate=2026-09-02T00:00:00Z");
    assert_eq!(day, ["2026-09-01T23:59:59.999Z", "2026-09-01T00:00:00.000Z"]);
    let offset = dates("startDate=2026-09-02T02:00:00%2B02:00");
    assert_eq!(offset, ["2026-09-02T00:00:00.000Z"]);
    assert_eq!(dates("startDate=2026-09-02T00:00:00.000000001Z").len(), 0);
}

#[test]
fn sources_are_filtered_as_list_or_repeated() {
    let world = World::new(options(2, 0));
    for source in ["tip", "post", "message", "renewal"] {
        world.sell(json!({"creator": world.creator(), "source": source}));
    }
    for (query, count) in
        [("source=tip,post", 2), ("source=tip&source=post", 2), ("source=all", 4), ("", 4)]
    {
        assert_eq!(world.get(&format!("{}?{query}", feed(&world))).rows().len(), count, "{query}");
    }
    let got = world.get(&format!("{}?source=ppv", feed(&world)));
    assert_eq!(got.status, 400);
    assert!(got.json()["errors"][0].as_str().unwrap().contains("ppv"));
}

#[test]
fn orders_are_looked_up_by_id() {
    let world = busy();
    let (all, _) = world.walk(&feed(&world), "size=50");
    let wanted = ids(&all[40..43]).join(",");
    let rows =
        world.get(&format!("{}?transactionOrderIds={wanted},to_nothing", feed(&world))).rows();
    assert_eq!(rows, all[40..43]);
    let none = world.get(&format!("{}?transactionOrderIds=to_nothing", feed(&world))).rows();
    assert_eq!(none, Vec::<Value>::new());
}

#[test]
fn a_cursor_is_good_for_its_query_only() {
    let mut world = busy();
    let path = feed(&world);
    let filters = "size=50&startDate=2026-08-01T00:00:00Z";
    let cursor = world.get(&format!("{path}?{filters}")).cursor().unwrap();
    let status = |world: &World, query: &str| {
        let got = world.get(&format!("{query}cursor={cursor}"));
        if got.status != 200 {
            assert_eq!(got.json(), json!({"message": "Invalid cursor"}));
        }
        got.status
    };
    assert_eq!(status(&world, &format!("{path}?{filters}&")), 200, "filters repeated");
    assert_eq!(status(&world, &format!("{path}?")), 200, "cursor alone");
    assert_eq!(status(&world, &format!("{path}?{filters}&source=tip&")), 400, "other filters");
    assert_eq!(status(&world, "/v1/insights/earnings?"), 400, "another creator");
    assert_eq!(status(&world, &format!("{path}?x=1&cursor=x")), 400, "garbled");
    world.set(json!({"cursorTtlSeconds": 60}));
    world.pass_seconds(59);
    assert_eq!(status(&world, &format!("{path}?{filters}&")), 200);
    world.pass_seconds(1);
    assert_eq!(status(&world, &format!("{path}?{filters}&")), 400, "expired");
}

#[test]
fn a_pass_keeps_its_order_when_the_switch_is_turned() {
    let world = busy();
    let path = feed(&world);
    let (all, _) = world.walk(&path, "size=50");
    let first = world.get(&format!("{path}?size=50"));
    world.set(json!({"order": "oldest"}));
    let second = world.get(&format!("{path}?size=50&cursor={}", first.cursor().unwrap()));
    assert_eq!(second.rows(), all[50..100]);
}

#[test]
fn pages_without_a_size_hold_twenty() {
    assert_eq!(busy().get(&format!("{}?", feed(&busy()))).rows().len(), 20);
}
