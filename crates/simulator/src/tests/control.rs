//! The control API: money by hand, the truth, time, counters, and refusals by name.

use serde_json::{Value, json};

use super::{World, options, origin};
use crate::control::index::ROUTES;

#[test]
fn truth_has_the_agreed_form() {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    world.sell(json!({"creator": creator, "grossCents": 1000, "netCents": 800}));
    let truth = world.get("/sim/truth").json();
    assert_eq!((&truth["grossCents"], &truth["netCents"]), (&json!(1000), &json!(800)));
    let hers = &truth["creators"][1];
    assert_eq!(hers["uuid"], json!(creator));
    assert_eq!(
        (&hers["rows"], &hers["grossCents"], &hers["netCents"]),
        (&json!(1), &json!(1000), &json!(800))
    );
}

#[test]
fn truth_by_day_follows_the_time_zone() {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    world.sell(json!({"creator": creator, "grossCents": 100, "at": "2026-09-10T22:30:00Z"}));
    world.sell(json!({"creator": creator, "grossCents": 200, "at": "2026-09-11T09:00:00Z"}));
    let dates = |query: &str| -> Vec<(Value, Value)> {
        let truth = world.get(&format!("/sim/truth?by=day{query}")).json();
        let days = truth["creators"][1]["days"].as_array().unwrap().clone();
        days.iter().map(|day| (day["date"].clone(), day["grossCents"].clone())).collect()
    };
    let (tenth, eleventh) = (json!("2026-09-10"), json!("2026-09-11"));
    assert_eq!(dates(""), [(tenth, json!(100)), (eleventh.clone(), json!(200))]);
    assert_eq!(dates("&timezone=Europe/Rome"), [(eleventh, json!(300))]);
    assert_eq!(world.get("/sim/truth?by=day&timezone=Nowhere").status, 400);
}

#[test]
fn reversals_can_be_left_out_of_the_truth() {
    let world = World::new(options(2, 0));
    world.sell(json!({"creator": world.creator(), "grossCents": 1000}));
    world.post("/sim/refunds", json!({"creator": world.creator()}));
    assert_eq!(world.get("/sim/truth").json()["grossCents"], 0);
    assert_eq!(world.get("/sim/truth?reversals=false").json()["grossCents"], 1000);
}

#[test]
fn a_sale_can_be_taken_back_once() {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    let sale = &world.sell(json!({"creator": creator, "fan": "ada"}))[0];
    let order = &sale["transactionOrderId"];
    let got = world.post("/sim/refunds", json!({"orderId": order, "kind": "chargeback"}));
    let reversal = &got.json()["rows"][0];
    assert_eq!(reversal["source"], "chargeback");
    assert_eq!(&reversal["reversedTransactionOrderId"], order);
    assert_eq!(reversal["gross"].as_i64().unwrap(), -sale["gross"].as_i64().unwrap());
    assert_eq!(world.post("/sim/refunds", json!({"orderId": order})).status, 409);
    assert_eq!(world.post("/sim/refunds", json!({"creator": creator})).status, 404);
    assert_eq!(world.post("/sim/refunds", json!({})).status, 400);
    let itself = json!({"orderId": reversal["transactionOrderId"]});
    assert_eq!(world.post("/sim/refunds", itself).status, 400);
}

#[test]
fn a_row_can_be_amended() {
    let world = World::new(options(2, 0));
    let sale = &world.sell(json!({"creator": world.creator(), "grossCents": 1000}))[0];
    let change = json!({"orderId": sale["transactionOrderId"], "status": "availableForPayout",
        "grossCents": 900, "netCents": 700});
    let row = world.post("/sim/amend", change).json()["rows"][0].clone();
    assert_eq!(row["transactionOrderStatus"], "availableForPayout");
    let path = format!("/creators/{}/insights/earnings", world.creator());
    let shown = &world.get(&path).rows()[0];
    assert_eq!((&shown["gross"], &shown["net"]), (&json!(900), &json!(700)));
    assert_eq!(world.simulator.truth(world.now).gross_cents, 900);
}

#[test]
fn a_row_can_be_gone_for_a_while() {
    let mut world = World::new(options(2, 0));
    let path = format!("/creators/{}/insights/earnings", world.creator());
    let sale = &world.sell(json!({"creator": world.creator(), "grossCents": 1000}))[0];
    let change = json!({"orderId": sale["transactionOrderId"], "hiddenSeconds": 60});
    assert_eq!(world.post("/sim/amend", change).status, 200);
    assert_eq!(world.get(&path).rows().len(), 0);
    assert_eq!(world.simulator.truth(world.now).gross_cents, 0);
    world.pass_seconds(60);
    assert_eq!(world.get(&path).rows().len(), 1);
    assert_eq!(world.simulator.truth(world.now).gross_cents, 1000);
}

#[test]
fn nonsense_rows_are_passed_on_verbatim() {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    let nonsense = [
        json!({"gross": 10.5, "net": 8, "source": "tip", "date": "2026-09-01T00:00:00.000Z"}),
        json!({"source": "hologram"}),
        json!("not an object"),
        json!(null),
    ];
    for row in &nonsense {
        let got = world.post("/sim/raw-rows", json!({"creator": creator, "row": row}));
        assert_eq!(got.status, 200);
    }
    let rows = world.get(&format!("/creators/{creator}/insights/earnings")).rows();
    assert_eq!(rows.len(), 4);
    assert!(nonsense.iter().all(|row| rows.contains(row)));
    assert_eq!(world.simulator.truth(world.now).creators[1].rows, 0);
    let counted = json!({"creator": creator, "row": {"x": 1},
        "counts": {"grossCents": 50, "netCents": 40}});
    world.post("/sim/raw-rows", counted);
    let truth = world.simulator.truth(world.now);
    assert_eq!((truth.creators[1].rows, truth.gross_cents), (1, 50));
    assert_eq!(
        world.get(&format!("/sim/rows?creator={creator}")).json()["rows"].as_array().unwrap().len(),
        5
    );
}

#[test]
fn creators_are_added_with_exact_histories_and_twins() {
    let world = World::new(options(2, 0));
    let wanted = json!({"name": "Zed Quill", "rows": 700, "days": 90, "twinsPercent": 1});
    let got = world.post("/sim/creators", wanted).json();
    assert_eq!((&got["handle"], &got["rows"]), (&json!("zed.quill"), &json!(700)));
    let uuid = got["uuid"].as_str().unwrap().parse().unwrap();
    let rows = world.simulator.rows(uuid, world.now);
    let mut plain: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {:?} {}", row.date, row.gross, row.user, row.source))
        .collect();
    plain.sort_unstable();
    plain.dedup();
    assert_eq!((rows.len(), plain.len()), (700, 693));
    assert_eq!(world.get("/creators").rows().len(), 2);
    assert_eq!(world.get("/sim/creators").json()["creators"].as_array().unwrap().len(), 3);
}

#[test]
fn time_advances_and_the_world_with_it() {
    let live = crate::Options { live_sales_per_hour: 120, ..options(3, 0) };
    let world = World::new(live);
    assert_eq!(world.simulator.truth(origin()).gross_cents, 0);
    let got = world.post("/sim/time", json!({"advanceSeconds": 3600})).json();
    assert_eq!(got["now"], "2026-10-01T10:00:00.000Z");
    assert!(world.simulator.truth(world.now).gross_cents > 0);
    assert_eq!(world.get("/sim/time").json()["offsetSeconds"], 3600);
    assert_eq!(world.get("/users/me").status, 401, "tokens age too");
    assert_eq!(world.post("/sim/time", json!({"advanceSeconds": -1})).status, 400);
}

#[test]
fn requests_are_counted() {
    let world = World::new(options(3, 0));
    let creator = world.creator();
    world.get(&format!("/v1/creators/{creator}/insights/earnings"));
    world.get("/insights/earnings");
    world.get("/nonsense");
    world.get("/sim/truth");
    let log = world.simulator.requests();
    assert_eq!(log.total, 3);
    assert_eq!(log.by_route["GET /creators/{uuid}/insights/earnings"], 1);
    assert_eq!(log.by_route["GET other"], 1);
    assert_eq!(log.by_creator[&creator], 1);
    assert_eq!(log.by_creator[&world.simulator.agency()], 1);
    assert_eq!(log.by_status[&404], 1);
    assert_eq!(world.post("/sim/requests/reset", json!({})).json()["total"], 3);
    assert_eq!(world.get("/sim/requests").json()["total"], 0);
}

#[test]
fn unknown_fields_and_parameters_are_refused_by_name() {
    let world = World::new(options(2, 0));
    for (path, body) in [
        ("/sim/sales", json!({"creator": world.creator(), "amount": 5})),
        ("/sim/settings", json!({"amount": 5})),
        ("/sim/time", json!({"advanceSeconds": 5, "amount": 5})),
        ("/sim/faults", json!({"fault": "html", "amount": 5})),
        ("/sim/refunds", json!({"amount": 5})),
        ("/sim/amend", json!({"orderId": "to_1", "amount": 5})),
        ("/sim/creators", json!({"amount": 5})),
        ("/sim/bulk", json!({"creators": 1, "rows": 1, "amount": 5})),
        ("/sim/raw-rows", json!({"amount": 5})),
        ("/sim/revoke", json!({"account": "agency", "amount": 5})),
        ("/sim/faults", json!({"fault": "html", "match": {"amount": 5}})),
        ("/sim/grants", json!({"account": "agency", "amount": 5})),
    ] {
        let got = world.post(path, body);
        assert_eq!(got.status, 400, "{path}");
        assert!(got.json()["message"].as_str().unwrap().contains("`amount`"), "{}", got.text);
    }
    assert!(world.get("/sim/truth?amount=5").text.contains("`amount`"));
    assert_eq!(world.get("/sim/nothing").status, 404);
    assert_eq!(world.get("/sim/sim/truth").status, 404);
    assert_eq!(world.post("/sim/faults", json!({"fault": {"status": 200}})).status, 400);
}

#[test]
fn bad_sales_are_refused() {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    for sale in [
        json!({}),
        json!({"creator": creator, "source": "ppv"}),
        json!({"creator": creator, "source": "refund"}),
        json!({"creator": creator, "count": 0}),
        json!({"creator": creator, "count": 1_000_000}),
        json!({"creator": creator, "grossCents": 10.5}),
        json!({"creator": creator, "grossCents": i64::MIN}),
        json!({"creator": creator, "at": "2026-09-01"}),
        json!({"creator": creator, "currency": "XXX"}),
        json!([]),
    ] {
        assert_eq!(world.post("/sim/sales", sale.clone()).status, 400, "{sale}");
    }
    let stranger = json!({"creator": "00000000-0000-4000-8000-000000000000"});
    assert_eq!(world.post("/sim/sales", stranger).status, 404);
}

#[test]
fn settings_are_partial_and_checked() {
    let world = World::new(options(2, 0));
    let got = world.post("/sim/settings", json!({"rateLimit": 100, "rows": "g1b"})).json();
    assert_eq!((&got["rateLimit"], &got["rows"]), (&json!(100), &json!("g1b")));
    assert_eq!(got["graceSeconds"], 30);
    assert_eq!(world.post("/sim/settings", json!({"rows": "g9"})).status, 400);
    assert_eq!(world.post("/sim/settings", json!({"rateWindowSeconds": 0})).status, 400);
    assert_eq!(world.get("/sim/settings").json(), got);
}

#[test]
fn the_index_lists_every_route_and_no_other() {
    let world = World::new(options(2, 0));
    let listed = world.get("/sim").json();
    assert_eq!(listed["routes"].as_array().unwrap().len(), ROUTES.len());
    for (method, path, ..) in ROUTES {
        let request = world.request(method, path).body(bytes::Bytes::new()).unwrap();
        let got = world.answer(request);
        let unknown = got.text.contains(&format!("no {method} "));
        assert!(!unknown, "{method} {path}: {}", got.text);
    }
}
