//! Webhooks from the simulator to the dashboard, by every way they can go wrong.

mod failing;
mod fans;
mod killed;
mod racing;
mod refused;
mod registering;
mod sales;
mod whose;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Delivery, NewSale};
use uuid::Uuid;

use crate::world::World;

const PATH: &str = "/api/webhooks/fanvue";

impl World {
    /// A creator with some history, read to its end; webhooks come from now on.
    async fn told(settings: Value) -> (Self, Uuid) {
        let world = Self::empty().await;
        let creator = world.creator("Ada", 40, 0);
        world.connect().await;
        world.tick().await;
        let mut webhooks = json!({"url": "http://127.0.0.1:1/api/webhooks/fanvue"});
        for (name, value) in settings.as_object().unwrap() {
            webhooks[name] = value.clone();
        }
        world.settings(json!({"webhooks": webhooks}));
        world.advance(60);
        (world, creator)
    }

    /// Hands every delivery that is due to the endpoint, and does what the answers leave to do.
    pub async fn deliver(&self) -> Vec<StatusCode> {
        let mut statuses = vec![];
        for delivery in self.sim.due_webhooks(self.now()) {
            let id = delivery.id;
            let status = self.post_webhook(delivery).await;
            self.sim.webhook_answered(id, Some(status.as_u16()), self.now());
            statuses.push(status);
        }
        statuses
    }

    async fn post_webhook(&self, delivery: Delivery) -> StatusCode {
        let mut request = http::Request::post(PATH).body(delivery.body).unwrap();
        *request.headers_mut() = delivery.headers;
        self.receive(request).await
    }

    async fn receive(&self, request: http::Request<Bytes>) -> StatusCode {
        let mut response = crate::world::answer(&self.ctx, request).await;
        if let Some(left) = response.extensions_mut().remove() {
            app::finish_up(&self.ctx, left).await;
        }
        response.status()
    }

    fn sell_as(&self, sale: NewSale) {
        self.sim.sell(&sale, self.now()).unwrap();
    }

    /// Shown in all, and the part of it that only webhooks told of: cents and counts.
    async fn shown(&self) -> (i64, i64, i64) {
        let kpis = self.dashboard("timeRange=all").await["kpiMetrics"].take();
        let number = |name: &str| kpis[name].as_i64().unwrap();
        (number("totalRevenueCents"), number("provisionalRevenueCents"), number("provisionalCount"))
    }

    fn earned(&self) -> i64 {
        self.sim.truth(self.now()).gross_cents
    }

    async fn stored(&self) -> usize {
        self.db.sql("select 1 from webhook_events").await.len()
    }
}
