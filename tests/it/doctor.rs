//! `heartbeat doctor`: a healthy deployment gives no finding, and each fault that is put into it gives that of
//! its check, with what to do. All of them in one world, one after the other, each taken back.

mod deployment;
mod seeds;

use std::collections::BTreeSet;

use heartbeat::doctor::{Finding, all, documented, json, table};
use simulator::{Fault, FaultMatch, NewFault};
use tokio_postgres::NoTls;

use self::{
    deployment::Deployment,
    seeds::{How, SEEDS, Seed},
};
use crate::world::{canary, database::Database, kept_statements};

/// What is neither well nor left out.
fn wrong(findings: &[Finding]) -> Vec<(&str, &str, Option<&str>)> {
    let is_wrong = |one: &&Finding| !["ok", "left out"].contains(&one.level);
    let told = |one| {
        let Finding { check, level, found, .. }: &Finding = one;
        (*check, *level, found.as_deref())
    };
    findings.iter().filter(is_wrong).map(told).collect()
}

async fn assert_healthy(deployment: &Deployment, after: &str) {
    let findings = deployment.look(None).await;
    assert_eq!(wrong(&findings), [], "after {after}");
}

async fn assert_found(deployment: &mut Deployment, seed: &Seed) {
    deployment.plant(&seed.how).await;
    let change = match seed.how {
        How::Fact(change) => Some(change),
        _ => None,
    };
    let findings = deployment.look(change).await;
    deployment.take_back(&seed.how).await;
    let found = findings.iter().find(|one| one.check == seed.check).expect(seed.check);
    let all = wrong(&findings);
    assert_eq!(found.level, seed.level, "{}: {} gives {all:?}", seed.check, seed.name());
    assert!(found.found.as_ref().is_some_and(|text| !text.is_empty()), "{}", seed.check);
    assert!(!found.remedy.is_empty() && !found.means.is_empty());
    for text in [table(&findings, true), serde_json::to_string(&findings).unwrap()] {
        canary::check("the doctor", text.as_bytes());
        assert!(text.contains(found.remedy), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_seeded_fault_is_found_by_its_check_with_a_remedy_and_a_healthy_deployment_has_none() {
    let mut deployment = Deployment::new().await;
    assert_healthy(&deployment, "nothing").await;
    let is_pooled = kept_statements() == store::Statements::Typed;
    for seed in SEEDS.iter().filter(|seed| !(is_pooled && seed.is_direct)) {
        assert_found(&mut deployment, seed).await;
        if matches!(seed.how, How::Sql(..) | How::Fanvue(_)) {
            assert_healthy(&deployment, seed.check).await;
        }
    }
    assert_healthy(&deployment, "everything").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_no_tick_may_take_up_says_nothing_of_ticks() {
    let deployment = Deployment::new().await;
    let level = async |sql: &str| {
        deployment.world.db.sql(sql).await;
        let findings = deployment.look(None).await;
        findings.iter().find(|one| one.check == "tick-late").unwrap().level
    };
    let long_ago = "update sync_state set tried_at = '2026-11-20T10:00:00Z'";
    assert_eq!(level(long_ago).await, "fault");
    // Fanvue asked for a wait: ticks run, and leave them alone; the first after it has ten minutes.
    let now = deployment.world.now();
    for until in [format!("'{now}'::timestamptz + interval '1 hour'"), format!("'{now}'")] {
        let paused = format!("update sync_state set paused_until = {until}");
        assert_eq!(level(&paused).await, "ok", "{until}");
    }
    let over =
        format!("update sync_state set paused_until = '{now}'::timestamptz - interval '1 hour'");
    assert_eq!(level(&over).await, "fault");
    assert_eq!(level("update sync_state set parked_at = '2026-11-21T10:00:00Z'").await, "ok");
    // One whom ticks should have taken up is enough to tell.
    let one = "update sync_state set parked_at = null
                where model_id = (select id from models order by name limit 1)";
    assert_eq!(level(one).await, "fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_that_was_told_or_that_somebody_came_to_says_nothing_of_schedules() {
    let deployment = Deployment::new().await;
    let level = async |sql: &str| {
        deployment.world.db.sql(sql).await;
        let findings = deployment.look(None).await;
        findings.iter().find(|one| one.check == "late-shifts-late").unwrap().level
    };
    let shift = "insert into profiles (id, agency_id, username, role)
            select '00000000-0000-4000-8000-000000000003', id, 'Mia', 'chatter' from agencies;
        insert into shifts (agency_id, employee_id, start_time, end_time)
        select agency_id, id, '2026-11-20T12:00:00Z', '2026-11-20T20:00:00Z'
          from profiles where username = 'Mia'";
    assert_eq!(level(shift).await, "fault");
    let told = "insert into alerts (agency_id, kind, subject_id, due_at, state, noted_at)
        select agency_id, 'late_shift', id, start_time, 'sent', start_time from shifts";
    assert_eq!(level(told).await, "ok");
    assert_eq!(
        level("update alerts set state = 'dropped'").await,
        "fault",
        "it would be told again"
    );
    let came = "insert into timesheets (agency_id, employee_id, shift_id, clock_in)
        select agency_id, employee_id, id, start_time from shifts";
    assert_eq!(level(came).await, "ok");
    assert_eq!(level("delete from timesheets").await, "fault");
    for change in ["employee_id = null", "status = 'cancelled'"] {
        assert_eq!(level(&format!("update shifts set {change}")).await, "ok", "{change}");
    }
    // Neither what the schedule has not come to yet, nor what is news to nobody.
    for begun in ["2026-11-20T23:00:00Z", "2026-11-19T10:00:00Z"] {
        let sql = format!(
            "update shifts set start_time = '{begun}', status = 'scheduled', employee_id =
                    (select id from profiles where username = 'Mia')"
        );
        assert_eq!(level(&sql).await, "ok", "{begun}");
    }
}

#[test]
fn every_check_has_a_seeded_fault() {
    let seeded: BTreeSet<_> = SEEDS.iter().map(|seed| seed.check).collect();
    let checks: BTreeSet<_> = all().map(|check| check.name).collect();
    assert_eq!(seeded, checks);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creator_of_whom_every_reading_fails_is_named_though_another_is_read() {
    let deployment = Deployment::new().await;
    let world = &deployment.world;
    let creator = world.sim.creators()[0];
    let matches = FaultMatch { creator: Some(creator), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(502), times: None });
    for _ in 0..5 {
        world.advance(600);
        world.tick().await;
    }
    let findings = deployment.look(None).await;
    let find = |name: &str| findings.iter().find(|one| one.check == name).unwrap();
    let name = format!("select name from models where fanvue_user_uuid = '{creator}'");
    let name = world.db.sql(&name).await.remove(0).remove(0);
    let failing = find("stream-failing");
    assert_eq!((failing.level, failing.found.as_ref()), ("fault", Some(&name)));
    assert_eq!((find("tick-late").level, find("stream-parked").level), ("ok", "ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_of_which_nobody_says_where_it_is_is_unseen_and_not_passed_over() {
    let mut deployment = Deployment::new().await;
    deployment.set("PUBLIC_URL", None);
    let findings = deployment.look(None).await;
    let level = |name: &str| findings.iter().find(|one| one.check == name).unwrap().level;
    assert_eq!(level("public-url"), "warn", "on Vercel the service knows it all the same");
    for name in
        ["public-url-redirects", "public-url-answers", "cron-secret-differs", "build-differs"]
    {
        assert_eq!(level(name), "unseen", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_does_not_come_to_an_end_is_ended_on_the_server_too() {
    let deployment = Deployment::new().await;
    let db = &deployment.world.db;
    let (holder, connection) =
        tokio_postgres::connect(&db.direct_url().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("begin; lock table fan_counts in access exclusive mode").await.unwrap();
    let findings = deployment.look(None).await;
    let found = findings.iter().find(|one| one.check == "sums-drift").unwrap();
    assert_eq!(found.level, "unseen");
    assert!(found.found.as_ref().unwrap().contains("list_fan_count_drifts failed"), "{found:?}");
    let waiting = "select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'";
    assert_eq!(db.sql(waiting).await, [["0"]], "nobody reads the ledger for nobody");
    holder.batch_execute("rollback").await.unwrap();
    assert_healthy(&deployment, "the lock").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_looked_at_as_far_as_it_goes() {
    let mut deployment = Deployment::new().await;
    let empty = Database::create_empty().await;
    deployment.set("DATABASE_URL", Some(&empty.url));
    let findings = deployment.look(None).await;
    let level = |name: &str| findings.iter().find(|one| one.check == name).unwrap().level;
    assert_eq!(level("migrations-missing"), "fault");
    assert_eq!(level("database-unreachable"), "ok");
    assert_eq!(level("tables-missing"), "ok", "nothing is expected before a migration");
    for name in ["tick-late", "sums-drift", "row-security", "connection-revoked"] {
        assert_eq!(level(name), "unseen", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_migrations_make_is_what_is_expected_of_them() {
    let db = Database::create().await;
    let url = secrecy::SecretString::from(db.url.clone());
    let examiner = store::Examiner::open(&url, &store::Authorities::default()).await.unwrap();
    let (schema, history) = (examiner.schema().await.unwrap(), examiner.history().await.unwrap());
    assert!(history.missing.is_empty() && history.newer.is_empty() && history.changed.is_empty());
    let expected = history.expected();
    let tables: BTreeSet<_> = schema.tables.iter().map(|one| one.name.clone()).collect();
    assert_eq!(tables, expected.tables);
    let triggers: BTreeSet<_> = schema.triggers.iter().map(|one| one.name.clone()).collect();
    assert_eq!(triggers, expected.triggers);
    let indexes: BTreeSet<_> = schema.indexes.iter().map(|one| one.name.clone()).collect();
    assert!(expected.indexes.is_subset(&indexes), "{:?}", expected.indexes.difference(&indexes));
    assert!(expected.indexes.len() > 20, "{:?}", expected.indexes);
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_nobody_but_the_database_is_asked_and_json_says_what_the_table_says() {
    let mut deployment = Deployment::new().await;
    deployment.world.sim.reset_requests();
    deployment.is_offline = true;
    let facts = deployment.facts().await;
    let findings = facts.findings();
    assert_eq!(wrong(&findings), []);
    assert!(
        findings.iter().any(|one| (one.check, one.level) == ("fanvue-unreachable", "left out"))
    );
    assert!(deployment.world.sim.requests().by_route.is_empty());
    let told: serde_json::Value = serde_json::from_str(&json(&facts, &findings)).unwrap();
    assert_eq!((&told["faults"], &told["unseen"]), (&0.into(), &0.into()));
    assert_eq!(told["checks"].as_array().unwrap().len(), all().count());
    assert_eq!(told["checks"][0]["level"], "ok");
}

#[test]
fn the_documents_list_every_check_as_the_program_does() {
    let text = include_str!("../../docs/operations.md");
    let (_, rest) = text.split_once("\n## What is wrong with it?\n").expect("the doctor's section");
    let section = rest.split("\n## ").next().unwrap();
    let rows: String = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(rows, documented());
}
