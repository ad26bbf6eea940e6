//! Polls that find nothing new: what they cost, and that nobody is told so when there is something.

mod staying;

use std::collections::BTreeMap;

use http::header::{CACHE_CONTROL, ETAG, VARY};
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::{
    users::agencies::{agency, fill},
    world::{
        SECRET, TEN_MINUTES, World,
        polling::{ask, read},
    },
};

#[tokio::test]
async fn a_poll_that_finds_nothing_new_costs_one_read_and_has_no_body() {
    let mut world = World::seeded(3, 40).await;
    world.tick().await;
    let counter = world.count_statements();
    let agency = world.dashboard("").await["agency"]["id"].as_str().unwrap().to_owned();
    let query = format!("agencyId={agency}");
    counter.take();

    let first = ask(&world.ctx, &query, None).await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.headers()[CACHE_CONTROL], "private, no-cache");
    assert_eq!(first.headers()[VARY], "authorization, cookie");
    assert_eq!(counter.take(), BTreeMap::from([("find_agency", 1)]), "asked before in other words");

    let second = ask(&world.ctx, &query, Some(&first.headers()[ETAG])).await;
    assert_eq!((second.status().as_u16(), second.body().len()), (304, 0));
    for name in [ETAG, CACHE_CONTROL, VARY] {
        assert_eq!(second.headers()[&name], first.headers()[&name]);
    }
    assert_eq!(counter.take(), BTreeMap::from([("find_agency", 1)]));
    let plan = format!("explain select revision from agencies where id = '{agency}'");
    let plan = world.db.sql(&format!("set enable_seqscan = off; {plan}")).await;
    let plan = plan.concat().concat();
    assert!(plan.contains("agencies_pkey"), "{plan}");

    assert_eq!(read(&world.ctx, &query).await.body(), first.body());
    assert_eq!(counter.take().len(), 3, "whoever reloads reads the books");
    world.advance(TEN_MINUTES);
    world.sell(world.sim.creators()[1], 1);
    world.tick().await;
    counter.take();
    let third = ask(&world.ctx, &query, Some(&first.headers()[ETAG])).await;
    assert_eq!(third.status(), 200);
    assert_eq!(counter.take().len(), 3);
}

#[tokio::test]
async fn a_hundred_dashboards_that_ask_at_once_are_one_question() {
    let mut world = World::seeded(2, 5).await;
    world.tick().await;
    let counter = world.count_statements();
    let answers = futures_util::future::join_all((0..100).map(|_| ask(&world.ctx, "", None))).await;
    assert!(answers.iter().all(|answer| answer.body() == answers[0].body()));
    let counts = counter.take();
    assert_eq!((counts["list_agencies"], counts["read_figures"]), (100, 1), "{counts:?}");
}

/// Whoever may ask without a secret may ask without end.
#[tokio::test]
async fn a_stranger_who_asks_how_it_is_costs_a_look_at_the_version() {
    let mut world = World::seeded(2, 5).await;
    let counter = world.count_statements();
    assert_eq!(world.get("/api/health", None).await, (200, json!({"status": "ok"})));
    assert_eq!(counter.take(), BTreeMap::from([("find_version", 1)]));
    let (status, told) = world.get("/api/health", Some(SECRET)).await;
    assert_eq!((status, &told["streams"]["count"]), (200, &json!(2)), "{told}");
    let asked = counter.take();
    assert!(asked.contains_key("read_health") && asked.contains_key("read_backlog"), "{asked:?}");
    // A schema that is not this build's is no secret either.
    world.db.sql("delete from supabase_migrations.schema_migrations").await;
    assert_eq!(world.get("/api/health", None).await, (503, json!({"status": "degraded"})));
    world.db.sql("drop schema supabase_migrations cascade").await;
    assert_eq!(world.get("/api/health", None).await, (503, json!({"status": "degraded"})));
}

/// The fans are counted after the sums: who holds their counts holds an answer up between the two.
#[tokio::test]
async fn an_answer_is_of_one_moment_whatever_is_booked_between_its_reads() {
    let world = World::seeded(2, 40).await;
    world.tick().await;
    let fans = async |world: &World| {
        let answer = read(&world.ctx, "timeRange=all").await;
        let answer: Value = serde_json::from_slice(answer.body()).unwrap();
        answer["kpiMetrics"]["payingFans"].as_i64().unwrap()
    };
    let before = fans(&world).await;
    let (holder, connection) =
        tokio_postgres::connect(&world.db.direct_url().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("begin; lock table fan_counts in access exclusive mode").await.unwrap();
    let booked = async {
        let waiting = "select count(*) from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'";
        while world.db.sql(waiting).await[0][0] == "0" {}
        let more = "update fan_counts set fan_count = fan_count + 1000; commit";
        holder.batch_execute(more).await.unwrap();
    };
    let mut answer = std::pin::pin!(fans(&world));
    tokio::select! {
        fans = &mut answer => panic!("{fans} fans are told while their counts are held"),
        () = booked => {}
    }
    assert_eq!(answer.await, before);
    assert!(before + 1_000 <= fans(&world).await, "the next answer tells it");
}

/// Two ticks that each made streams of two agencies would wait for each other otherwise.
#[tokio::test]
async fn streams_of_several_agencies_are_made_in_the_order_of_their_ids() {
    let world = World::empty().await;
    for n in [1, 2] {
        fill(&world.db, n).await;
    }
    // Now the second agency's creators come first in the table.
    world.db.sql("update models set name = name || '!' where name = 'Model 1'").await;
    world.db.sql("delete from sync_state").await;
    let (holder, connection) = tokio_postgres::connect(&world.db.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let hold = format!("begin; select 1 from agencies where id = '{}' for update", agency(1));
    holder.batch_execute(&hold).await.unwrap();

    let (store, now) = (world.ctx.store.clone(), world.now());
    let made = tokio::spawn(async move { store.ensure_streams(now).await });
    let waiting = "select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'";
    while world.db.sql(waiting).await[0][0] == "0" {}
    let other = format!("select 1 from agencies where id = '{}' for update nowait", agency(2));
    assert_eq!(
        world.db.sql(&other).await.len(),
        1,
        "the second is not held by who waits for the first"
    );
    holder.batch_execute("commit").await.unwrap();
    assert_eq!(made.await.unwrap().unwrap(), 2);
}

#[tokio::test]
async fn an_answer_is_never_another_agencys_or_another_questions() {
    let world = World::seeded(2, 5).await;
    world.tick().await;
    let own = world.db.sql("select id, revision from agencies").await.remove(0);
    let other = world
        .db
        .sql(&format!(
            "insert into agencies (name, revision) values ('B', {}) returning id",
            own[1]
        ))
        .await
        .remove(0);
    let (own, other) = (format!("agencyId={}", own[0]), format!("agencyId={}", other[0]));
    let mine = ask(&world.ctx, &own, None).await;
    let theirs = ask(&world.ctx, &other, Some(&mine.headers()[ETAG])).await;
    assert_eq!(theirs.status(), 200);
    let theirs: Value = serde_json::from_slice(theirs.body()).unwrap();
    assert_eq!(
        (&theirs["agency"]["name"], theirs["models"].as_array().unwrap().len()),
        (&"B".into(), 0)
    );
    let week = format!("{own}&timeRange=7d");
    let answer = ask(&world.ctx, &week, Some(&mine.headers()[ETAG])).await;
    assert_eq!(answer.status(), 200);
    assert_ne!(answer.body(), mine.body());
    let in_other_words = format!("modelId=all&timeRange=30d&{own}");
    let same = ask(&world.ctx, &in_other_words, Some(&mine.headers()[ETAG])).await;
    assert_eq!(same.status(), 304);
}
