//! Sessions of the database are everybody's in turn: nothing of a user stays in one, and a user costs no
//! round trip more than the operator.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use futures_util::{FutureExt, future::BoxFuture, future::join_all};
use ledger::{AgencyId, CreatorId, Days};
use serde_json::Value;
use store::{
    AudienceAsked, FansAsked, FiguresAsked, Gate, Options, Statements, Store, SumsAsked, UserId,
};
use tokio_postgres::NoTls;

use super::{
    DASHBOARD,
    agencies::{agency, fill},
    token, user,
};
use crate::world::{SECRET, World, kept_statements};

/// Counts round trips.
#[derive(Debug, Default)]
struct Trips(AtomicU32);

impl Gate for Trips {
    fn before(&self, _: &'static str) -> BoxFuture<'_, ()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Two agencies behind so many sessions of the database.
async fn world(
    connections_max: usize,
    gate: Option<Arc<dyn Gate>>,
    statements: Statements,
) -> World {
    let mut world = World::with_users().await;
    fill(&world.db, 2).await;
    let url = world.db.url.clone().into();
    world.ctx.store =
        Store::open(&url, Options { connections_max, gate, statements, ..Options::default() })
            .unwrap();
    world
}

#[tokio::test]
async fn a_user_costs_no_round_trip_more_than_the_operator_but_for_an_answer_that_is_kept() {
    let trips = Arc::new(Trips::default());
    let world = world(1, Some(Arc::clone(&trips) as _), Statements::Typed).await;
    let mut counts = vec![];
    for path in [DASHBOARD, "/api/analytics/transactions", "/api/analytics/export.csv"] {
        let agency = world.db.sql("select id from agencies where name = 'Agency'").await.concat();
        let uri = format!("{path}?agencyId={}", agency[0]);
        for asker in [SECRET.to_owned(), token(&world, 1)] {
            trips.0.store(0, Ordering::SeqCst);
            assert_eq!(world.ask_with("GET", &uri, &asker).await.0, 200);
            counts.push(trips.0.load(Ordering::SeqCst));
        }
    }
    let more: Vec<_> = counts.chunks(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(counts.iter().all(|count| 0 < *count));
    assert_eq!(more, [2, 0, 0], "a connection, and a look at the profile again: {counts:?}");
}

/// Makes a viewer of the owner while an answer to them is made.
#[derive(Debug)]
struct Demotes(Mutex<Option<String>>);

impl Gate for Demotes {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        let is_it = statement == "list_creator_freshness";
        let url = if is_it { self.0.lock().unwrap().take() } else { None };
        Box::pin(async move {
            let Some(url) = url else { return };
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let sql = format!("update profiles set role = 'viewer' where id = '{}'", user(1));
            client.batch_execute(&sql).await.unwrap();
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_right_that_ends_while_an_answer_is_made_leaves_no_empty_answer_to_anybody() {
    let mut world = World::with_users().await;
    let gate: Arc<dyn Gate> = Arc::new(Demotes(Mutex::new(Some(world.db.url.clone()))));
    let (url, options) = (
        world.db.url.clone().into(),
        Options { connections_max: 1, gate: Some(gate), ..Options::default() },
    );
    world.ctx.store = Store::open(&url, options).unwrap();
    assert_eq!(world.ask_with("GET", DASHBOARD, &token(&world, 1)).await.0, 403);
    let (status, shown) = world.ask_with("GET", DASHBOARD, &token(&world, 2)).await;
    assert_eq!((status, shown["models"].as_array().map(Vec::len)), (200, Some(2)), "{shown}");
}

#[tokio::test]
async fn askers_who_take_turns_in_one_session_each_see_their_own() {
    for statements in [Statements::Typed, kept_statements()] {
        take_turns(statements).await;
    }
}

/// With more turns than the server plans a kept statement anew for.
async fn take_turns(statements: Statements) {
    let world = world(1, None, statements).await;
    let (first, second) = (token(&world, 1), token(&world, 17));
    let name = |(status, body): (u16, Value)| {
        assert_eq!(status, 200, "{body}");
        body["agency"]["name"].as_str().unwrap().to_owned()
    };
    let connections = |(_, body): (u16, Value)| body["connections"].as_array().unwrap().len();
    let list = "/api/auth/fanvue/connections";
    for _ in 0..10 {
        let asked = [&first, &second].map(|token| world.ask_with("GET", DASHBOARD, token));
        let names: Vec<_> = join_all(asked).await.into_iter().map(name).collect();
        assert_eq!(names, ["Agency", "Agency 2"]);
        let all = world.ask_with("GET", list, SECRET);
        let (own, all) = tokio::join!(world.ask_with("GET", list, &second), all);
        assert_eq!((connections(own), connections(all)), (1, 2));
    }
}

/// A plan that was made for the service is none for a user.
#[tokio::test]
async fn a_kept_statement_shows_a_user_nothing_that_it_showed_the_service() {
    let world = world(1, None, kept_statements()).await;
    let own = "select m.id, a.id from models m join agencies a on a.id = m.agency_id
                where a.name = 'Agency'";
    let own = world.db.sql(own).await;
    let agency = AgencyId(own[0][1].parse().unwrap());
    let creators: Vec<_> = own.iter().map(|row| CreatorId(row[0].parse().unwrap())).collect();
    let day = |text: &str| text.parse().unwrap();
    let starts = [day("2020-01-01")];
    let own = Days::new(starts[0], day("2030-01-01")).unwrap().runs();
    let end = day("2030-01-01");
    let revenue = SumsAsked {
        agency,
        creators: &creators,
        are_all: true,
        starts: &starts,
        own: &own,
        earlier: &[],
        days: (starts[0], end),
        left_out: None,
        part: None,
        timezone: "UTC",
        now: world.now(),
    };
    let span = (starts[0], end);
    let fans = FansAsked { agency, creator: None, own: span, earlier: None, part: None };
    let audiences = AudienceAsked { agency, creators: &creators, starts: &starts, last: end };
    let asked = FiguresAsked { revenue, fans, audiences };
    for _ in 0..8 {
        let figures = world.ctx.store.reader().read_figures(&asked).await.unwrap();
        assert!(!figures.revenue.is_empty() && 0 < figures.fans.own.paying);
    }
    let reader = world.ctx.store.reader_for(UserId(super::user(17).parse().unwrap()));
    for _ in 0..8 {
        let figures = reader.read_figures(&asked).await.unwrap();
        assert_eq!(figures.revenue, []);
        assert_eq!(figures.fans.own.paying, 0);
    }
}

#[tokio::test]
async fn a_question_that_is_given_up_leaves_nothing_of_its_user_behind() {
    for statements in [Statements::Typed, kept_statements()] {
        give_up(statements).await;
    }
}

async fn give_up(statements: Statements) {
    let world = world(1, None, statements).await;
    let (first, second) = (token(&world, 1), token(&world, 17));
    let list = "/api/auth/fanvue/connections";
    for polls in 0..60 {
        let mut question = Box::pin(world.ask_with("GET", DASHBOARD, &first));
        for _ in 0..polls {
            if question.as_mut().now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(question);
        let (_, told) = world.ask_with("GET", list, SECRET).await;
        assert_eq!(told["connections"].as_array().unwrap().len(), 2, "after {polls} polls");
        let (_, told) = world.ask_with("GET", list, &second).await;
        assert_eq!(told["connections"][0]["agencyName"], "Agency 2", "after {polls} polls");
    }
    // The service can still write.
    let tx = world.ctx.store.begin("after_users").await.unwrap();
    let (user, agency) = (super::user(30).parse().unwrap(), agency(2).parse().unwrap());
    tx.put_profile(UserId(user), AgencyId(agency), "viewer", world.now()).await.unwrap();
    tx.commit().await.unwrap();
}
