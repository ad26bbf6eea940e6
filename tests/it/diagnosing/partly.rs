//! Rows that were asked for and could not all be compared, and what can not be ruled out then.

use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault, NewRefund, RawRow};

use super::{ask, causes, parts, read, unread};
use crate::world::SECRET;

#[tokio::test]
async fn a_refund_among_more_rows_than_are_asked_for_is_no_match() {
    let (world, creator) = read(2_600).await;
    let refund = NewRefund {
        creator: Some(creator),
        at: Some("2026-11-21T09:00:00Z".into()),
        ..NewRefund::default()
    };
    let row = world.sim.refund(&refund, world.now()).unwrap().remove(0);
    world.advance(60);
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["result"], "partly", "{ada}");
    assert!(ada["message"].as_str().unwrap().starts_with("Not all rows were compared."));
    assert!(0 < ada["daysByTotal"].as_u64().unwrap());
    let all = parts(&ada);
    let part = all.last().unwrap();
    assert_eq!((&part["cause"], &part["cents"]), (&json!("unknown"), &json!(0)));
    assert_eq!(part["remedy"]["kind"], "ask_fewer");
    assert!(part["figures"]["reason"].is_string() && part["figures"]["daysByTotal"].is_u64());

    // What it says to do shows what is missing.
    let call = part["remedy"]["call"].as_str().unwrap().strip_prefix("GET ").unwrap().to_owned();
    let (status, answer) = world.get(&call, Some(SECRET)).await;
    assert_eq!(status, 200, "{answer}");
    let ada = &answer["creators"][0];
    assert!(causes(ada).contains(&("reversal_not_seen".to_owned(), -row.gross)), "{ada}");
    assert_eq!(ada["result"], "mismatch");
}

#[tokio::test]
async fn rows_that_fanvue_does_not_give_are_not_said_to_agree() {
    let (world, _) = read(40).await;
    let matches = FaultMatch { path: Some("insights/earnings".into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(400), times: None });
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["result"], "partly", "{ada}");
    let all = parts(&ada);
    let part = all.last().unwrap();
    assert_eq!((&part["cents"], &part["remedy"]["kind"]), (&json!(0), &json!("wait")));
    world.sim.clear_faults();
    assert_eq!(ask(&world, "depth=rows").await["result"], "match");
}

/// One creator's rows that no money can be read of hide nobody else's.
#[tokio::test]
async fn rejects_of_one_creator_hide_no_others() {
    let (world, ada) = unread(20).await;
    let raw = |gross: serde_json::Value| RawRow {
        creator: ada,
        row: json!({
            "date": "2026-11-20T10:00:00.000Z", "gross": gross, "net": 800, "currency": "USD",
            "source": "horoscope", "transactionOrderId": "to_raw", "user": null
        }),
        at: Some("2026-11-20T10:00:00.000Z".to_owned()),
        counts: Some(simulator::RawCounts { gross_cents: 1_000, net_cents: 800 }),
    };
    world.sim.raw_row(&raw(json!(1_000)), world.now()).unwrap();
    world.creator("Bea", 5, 0);
    world.connect().await;
    world.db.sql("delete from models where name not in ('Ada', 'Bea')").await;
    world.advance(60);
    world.tick().await;
    let flood =
        "insert into earning_rejects (agency_id, model_id, digest, reason, raw, first_seen_at)
                 select m.agency_id, m.id, 'flood' || n, 'net is missing', '{}', now()
                   from models m cross join generate_series(1, 12000) n where m.name = 'Bea'";
    world.db.sql(flood).await;
    world.advance(60);
    let found = super::ask_all(&world, "modelName=a").await;
    let ada = found.iter().find(|one| one["name"] == "Ada").unwrap();
    assert!(causes(ada).contains(&("rejected_row".to_owned(), -1_000)), "{ada}");
}

/// A row whose amount can't be read may be what a day lacks.
#[tokio::test]
async fn a_reject_without_an_amount_is_not_ruled_out() {
    let (world, ada) = unread(20).await;
    let row = json!({
        "date": "2026-11-20T10:00:00.000Z", "gross": 1000.5, "net": 800, "currency": "USD",
        "source": "tip", "transactionOrderId": "to_raw", "user": null
    });
    let counts = Some(simulator::RawCounts { gross_cents: 1_000, net_cents: 800 });
    let at = Some("2026-11-20T10:00:00.000Z".to_owned());
    world.sim.raw_row(&RawRow { creator: ada, row, at, counts }, world.now()).unwrap();
    world.advance(60);
    world.tick().await;
    world.advance(60);
    let ada = ask(&world, "").await;
    let all = parts(&ada);
    let part = all.iter().find(|part| part["cause"] == "unknown").expect("nobody proves it");
    assert_eq!(part["cents"], -1_000);
    let ruled_out = part["ruledOut"].as_array().unwrap();
    assert!(!ruled_out.contains(&json!("rejected_row")), "{part}");
    assert!(ruled_out.contains(&json!("clock_skew")), "{part}");
}
