//! Webhooks as a holder of the simulator gets, answers and counts them.

use jiff::Timestamp;

use super::{Delivery, WebhookReport};
use crate::{ControlError, NewEvent, Simulator};

impl Simulator {
    /// The deliveries whose time has come, oldest first. Each is handed out once, and is to be
    /// answered by `webhook_answered`.
    pub fn due_webhooks(&self, now: Timestamp) -> Vec<Delivery> {
        self.due_webhooks_up_to(usize::MAX, now)
    }

    /// The same, at most so many. What stays behind is signed when it is handed out.
    pub fn due_webhooks_up_to(&self, limit: usize, now: Timestamp) -> Vec<Delivery> {
        let (mut state, at) = self.at(now);
        state.world.take_webhooks(at, limit)
    }

    /// The status a delivery was answered with, `None` for no answer. All but 2xx means a retry.
    pub fn webhook_answered(&self, id: u64, status: Option<u16>, now: Timestamp) {
        let (mut state, at) = self.at(now);
        state.world.webhook_answered(id, status, at);
        drop(state);
        self.stir();
    }

    /// When to ask for deliveries again if nothing else happens. There may be none then, but there
    /// is none before. `None` while nothing is to come, and until the first call of any kind.
    pub fn next_webhook_at(&self) -> Option<Timestamp> {
        let state = self.lock();
        let at = state.world.next_webhook()? - state.world.offset;
        Timestamp::from_millisecond(at).ok()
    }

    /// What became of the webhooks so far.
    pub fn webhooks(&self, now: Timestamp) -> WebhookReport {
        let (state, _) = self.at(now);
        state.world.webhooks.report(&state.world.settings.webhooks)
    }

    /// Sends an event that no row is behind; answers its id.
    pub fn event(&self, event: &NewEvent, now: Timestamp) -> Result<String, ControlError> {
        let answer = self.post("events", event, now)?;
        Ok(answer["id"].as_str().unwrap_or_default().to_owned())
    }
}
