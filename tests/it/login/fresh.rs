//! A fresh grant can't be had twice: what passes by itself does not lose it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures_util::future::BoxFuture;
use simulator::{Fault, FaultMatch, NewFault};
use store::{Gate, Options, Store};

use super::browser::{Browser, link};
use crate::world::World;

#[tokio::test]
async fn a_grant_survives_that_nobody_can_say_whose_it_is_for_a_moment() {
    for passing in [Fault::Status(503), Fault::DropBefore, Fault::Html] {
        let world = World::empty().await;
        world.creator("Ada", 20, 0);
        let matches = FaultMatch { path: Some("/users/me".into()), ..FaultMatch::default() };
        world.sim.fault(NewFault { matches, fault: passing.clone(), times: Some(2) });
        let link = link(&world, "agencyName=Lumen&timezone=Europe/Rome").await;
        let page = Browser::default().follow(&world, &link).await;
        assert_eq!(page.status, 200, "{passing:?}: {}", page.text);
        world.tick().await;
        world.assert_complete().await;
    }
}

/// Ends the database session that is about to store a grant, as often as it is told.
#[derive(Debug)]
struct Cut {
    url: secrecy::SecretString,
    left: AtomicU32,
}

impl Gate for Cut {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let one_less = |left: u32| left.checked_sub(1);
            if statement == "save_connection"
                && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
            {
                let cut = "select pg_terminate_backend(pid)::text from pg_stat_activity
                            where datname = current_database() and state = 'idle in transaction'";
                let url = secrecy::ExposeSecret::expose_secret(&self.url);
                let ended = store::admin::run_sql(url, cut).await.unwrap();
                assert_eq!(ended.len(), 1);
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_grant_survives_a_database_that_is_restarted() {
    let mut world = World::empty().await;
    world.creator("Ada", 20, 0);
    let link = link(&world, "agencyName=Lumen&timezone=Europe/Rome").await;
    let cut = Cut { url: world.ctx.config.database_url.clone(), left: AtomicU32::new(3) };
    let options = Options { gate: Some(Arc::new(cut)), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    let page = Browser::default().follow(&world, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    world.tick().await;
    world.assert_complete().await;
}
