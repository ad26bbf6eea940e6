//! What a tick costs in requests, and that saving them loses nothing.

use serde_json::{Value, json};
use simulator::{Bulk, Fault, NewFault};
use uuid::Uuid;

use crate::world::{SECRET, TEN_MINUTES, World};

fn spent(report: &Value) -> (u64, u64) {
    (report["detectorRequests"].as_u64().unwrap(), report["requests"].as_u64().unwrap())
}

impl World {
    /// What is due, as the scheduler does it; its report.
    async fn schedule(&self) -> Value {
        let (status, report) = self.get("/api/cron/sync-transactions", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        report
    }
}

/// A thousand creators, read twice: after the second tick their totals are known.
async fn thousand() -> World {
    let world = World::empty().await;
    let bulk = Bulk { creators: 999, rows: 9_990, days: Some(90), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.advance(TEN_MINUTES);
    world
}

/// Requests for rows of the creators that sold, and of the others.
fn reads(world: &World, sold: &[Uuid]) -> (u64, u64) {
    let log = world.sim.requests();
    let rows =
        log.by_route.get("GET /creators/{uuid}/insights/earnings").copied().unwrap_or_default();
    let sold = sold.iter().map(|uuid| log.by_creator.get(uuid).copied().unwrap_or_default()).sum();
    (sold, rows - sold)
}

#[tokio::test]
async fn a_thousand_creators_of_whom_twenty_sold_cost_twenty_pages_and_twenty_reads() {
    let world = thousand().await;
    let sold: Vec<_> = world.sim.creators().into_iter().step_by(50).collect();
    for creator in &sold {
        world.sell(*creator, 2);
    }
    world.advance(1);
    world.sim.reset_requests();
    let (totals, _) = spent(&world.tick().await);
    let (of_sold, of_others) = reads(&world, &sold);
    assert!(totals <= 20 && of_sold == 20, "{totals} pages of totals, {of_sold} reads");
    let counted = world.sim.requests();
    assert_eq!((counted.by_route["GET /agencies/earnings"], counted.total), (totals, totals + 20));
    assert_eq!(of_others, 0, "hourly reads are the scheduler's");
    world.assert_complete().await;

    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    let report = world.tick().await;
    let (totals, _) = spent(&report);
    let (_, all) = reads(&world, &[]);
    assert!(totals <= 20 && all == 0, "nothing sold: {totals} pages, {all} reads");
    assert_eq!(world.sim.requests().total, totals, "and nothing else was asked");
    assert_eq!(report["unfinished"], 0);
    let live = world.dashboard("timeRange=7d").await["freshness"]["liveCount"].clone();
    assert_eq!(live, 1000, "who was confirmed is as fresh as who was read");
}

#[tokio::test]
async fn hourly_reads_are_spread_over_the_hour_and_midnight_costs_a_second_page() {
    let world = World::empty().await;
    world.advance(12 * 3600 + 10 * 60);
    let bulk = Bulk { creators: 299, rows: 2_990, days: Some(90), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    let (mut beats, mut reads) = (vec![], vec![]);
    for _ in 0..9 {
        beats.push(spent(&world.tick().await));
        world.advance(TEN_MINUTES / 2);
        reads.push(spent(&world.schedule().await).1);
        world.advance(TEN_MINUTES / 2);
    }
    // All are read at 22:10, all totals known at 22:30; from then on each is read once an hour.
    let all: u64 = reads[3..].iter().sum();
    assert!(all == 300 && reads[3..].iter().all(|count| *count <= 90), "{reads:?}");
    assert!(beats[3..].iter().all(|(pages, read)| *pages <= 6 && *read == 0), "{beats:?}");

    // Sales of two days, at 23:40 and 00:00.
    let everybody = world.sim.creators();
    for _ in 0..2 {
        everybody.iter().for_each(|creator| world.sell(*creator, 1));
        world.advance(TEN_MINUTES);
        world.tick().await;
        world.assert_complete().await;
        world.advance(TEN_MINUTES);
    }
    let mut pages = vec![];
    for _ in 0..3 {
        pages.push(spent(&world.tick().await).0);
        world.advance(TEN_MINUTES);
    }
    assert!(
        (7..=12).contains(&pages[0]) && pages[1..].iter().all(|count| *count <= 6),
        "{pages:?}"
    );
}

#[tokio::test]
async fn a_sale_told_by_webhook_costs_its_creator_two_reads_and_no_more() {
    let world = thousand().await;
    let webhooks = json!({"url": "http://127.0.0.1:1/api/webhooks/fanvue"});
    world.settings(json!({"webhooks": webhooks}));
    let creator = world.sim.creators()[7];
    world.sell(creator, 1);
    for delivery in world.sim.due_webhooks(world.now()) {
        let mut request = http::Request::post("/api/webhooks/fanvue").body(delivery.body).unwrap();
        *request.headers_mut() = delivery.headers;
        let mut response = crate::world::answer(&world.ctx, request).await;
        app::finish_up(&world.ctx, response.extensions_mut().remove().unwrap()).await;
    }
    world.sim.reset_requests();
    for _ in 0..5 {
        world.advance(TEN_MINUTES / 2);
        world.tick().await;
    }
    // One for the webhook, and one that learns the totals which count its sale.
    assert_eq!(reads(&world, &[creator]), (2, 0));
    world.assert_complete().await;
}

/// Thirty creators, enough for totals to be worth asking for.
async fn thirty() -> World {
    let world = World::seeded(2, 20).await;
    let bulk = Bulk { creators: 28, rows: 600, days: Some(60), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world
}

#[tokio::test]
async fn without_the_scope_for_totals_everyone_is_read_and_nothing_is_lost() {
    for (setting, allowed) in [("page", true), ("cursor", true), ("page", false)] {
        let world = thirty().await;
        world.settings(json!({"agencyPaging": setting}));
        if !allowed {
            world.settings(json!({"withheldScopes": ["read:agency"]}));
        }
        for _ in 0..5 {
            for creator in world.sim.creators().into_iter().take(2) {
                world.sell(creator, 1);
            }
            world.advance(TEN_MINUTES);
            world.tick().await;
            world.assert_complete().await;
        }
        let log = world.sim.requests().by_route;
        let asked = log.get("GET /agencies/earnings").copied().unwrap_or_default();
        assert!(if allowed { 3 <= asked } else { asked == 1 }, "asked {asked} times: {log:?}");
    }
}

#[tokio::test]
async fn what_totals_do_not_show_is_found_within_the_hour_and_never_called_read_before() {
    let world = thirty().await;
    let managed = world.sim.creators()[10];
    world.sell(managed, 1);
    world.advance(TEN_MINUTES);
    world.tick().await;
    for _ in 0..7 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    let refund = simulator::NewRefund { creator: Some(managed), ..Default::default() };
    world.sim.refund(&refund, world.now()).unwrap();
    let refunded_at = world.now().to_string();
    for _ in 0..7 {
        world.advance(TEN_MINUTES);
        world.schedule().await;
        world.tick().await;
        let truth = crate::world::truth(&world.sim, world.now());
        let claims_it = format!(
            "select count(*) from models where fanvue_user_uuid = '{managed}'
                and last_transaction_sync > '{refunded_at}'"
        );
        let claims_it = world.db.sql(&claims_it).await == [["1"]];
        assert!(!claims_it || world.db.ledger().await == truth, "as of then it was not read");
    }
    world.assert_complete().await;
}

#[tokio::test]
async fn a_change_of_the_totals_is_looked_for_on_all_the_days_that_changed() {
    let world = thirty().await;
    let managed = world.sim.creators()[10];
    world.sell(managed, 60);
    for _ in 0..3 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    let at = (world.now() - jiff::SignedDuration::from_mins(100)).to_string();
    let late = simulator::NewSale { at: Some(at), ..simulator::NewSale::of(managed) };
    world.sim.sell(&late, world.now()).unwrap();
    // Twice: it may be her turn to be read without a look at totals.
    for _ in 0..2 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    world.assert_complete().await;
}

#[tokio::test]
async fn a_change_that_rows_do_not_show_yet_is_looked_for_until_they_do() {
    let world = thirty().await;
    for _ in 0..2 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    world.settings(json!({"rowsLagSeconds": 8 * 60}));
    let sold: Vec<_> = world.sim.creators().into_iter().skip(10).take(12).collect();
    sold.iter().for_each(|creator| world.sell(*creator, 1));
    world.advance(1);
    let report = world.tick().await;
    assert_eq!(report["newRows"], 0, "only totals show it");
    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    let report = world.tick().await;
    assert_eq!(report["newRows"], 12, "{report}");
    world.assert_complete().await;
}

/// The statement that gives creators back fails.
const REFUSE: &str = "
    create function refuse() returns trigger language plpgsql as $$ begin
        if current_query() like '%-- release_watched%' then raise exception 'not now'; end if;
        return new;
    end $$;
    create trigger refused before update on sync_state for each row execute function refuse()";

#[tokio::test]
async fn a_detector_that_the_database_fails_ends_no_tick() {
    let world = thirty().await;
    let managed = world.sim.creators()[10];
    // Nobody knows whom totals could confirm: everyone is read.
    world.db.sql("alter table fanvue_connections rename detector_refused_at to gone").await;
    world.sell(managed, 1);
    world.advance(TEN_MINUTES);
    assert_eq!(spent(&world.tick().await).0, 0);
    world.assert_complete().await;
    world.db.sql("alter table fanvue_connections rename gone to detector_refused_at").await;

    // Totals fail, and whom they were asked about are not given back: the others are read.
    world.db.sql(REFUSE).await;
    let fails = NewFault::once(Fault::Status(500)).on_path("/agencies/earnings");
    world.sim.fault(NewFault { times: None, ..fails });
    world.creator("Zoe", 5, 0);
    world.connect().await;
    world.sell(managed, 1);
    world.advance(TEN_MINUTES);
    let report = world.tick().await;
    assert_eq!(spent(&report).0, 1, "{report}");
    let creators = report["creators"].as_array().unwrap();
    let count = |state: &str| creators.iter().filter(|one| one["state"] == state).count();
    let zoe = creators.iter().find(|one| one["name"] == "Zoe").unwrap();
    assert_eq!(zoe["state"], "complete", "{report}");
    assert!(20 < count("busy"), "{report}");
    world.db.sql("drop trigger refused on sync_state").await;
    world.sim.clear_faults();
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}
