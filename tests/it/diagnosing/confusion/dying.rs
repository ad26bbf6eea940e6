//! A process that dies while it reads.

use std::sync::Arc;

use app::{
    Ctx, SystemEntropy,
    tick::{Limits, Scope, tick},
};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use simulator::NewSale;
use tokio::sync::Notify;

use super::play::Play;
use crate::world::{config, transport::InProcess};

/// The platform, which never answers about one account, and tells when it is asked.
struct Silent {
    way: InProcess,
    about: String,
    asked: Notify,
}

impl Transport for Silent {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        if request.uri().path().contains(&self.about) {
            self.asked.notify_one();
            return Box::pin(std::future::pending());
        }
        self.way.send(request)
    }
}

impl Play {
    /// A process reads what a webhook asked for, and is gone with all that it held.
    pub(super) async fn die(&mut self) {
        self.listen(true);
        let sale = NewSale {
            gross_cents: Some(self.cents()),
            source: Some("message".into()),
            // Of another currency the webhook shows nothing before the row.
            currency: Some("EUR".into()),
            ..NewSale::of(self.account("interrupted_run"))
        };
        let row = self.world.sim.sell(&sale, self.world.now()).unwrap().remove(0);
        self.case("interrupted_run", -row.gross);
        assert_eq!(self.world.deliver().await, [200]);
        self.listen(false);
        self.world.advance(1);
        let (about, clock) = (self.account("interrupted_run").to_string(), &self.world.clock);
        let way = InProcess { sim: self.world.sim.clone(), clock: Arc::clone(clock) };
        let silent = Arc::new(Silent { way, about, asked: Notify::new() });
        let transport: Arc<dyn Transport> = Arc::<Silent>::clone(&silent);
        let config = config(&self.world.db.url, "http://127.0.0.1:1");
        let ctx = Ctx::with(config, transport, Arc::clone(clock) as _, Arc::new(SystemEntropy));
        let (ctx, limits) =
            (ctx.unwrap(), Limits { concurrency: 1, claims: 1, ..Limits::default() });
        tokio::select! {
            _ = tick(&ctx, Scope::Due, limits) => panic!("it came to its end"),
            () = silent.asked.notified() => {}
        }
    }
}
