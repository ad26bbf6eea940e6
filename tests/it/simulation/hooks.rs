//! Webhooks on their way from the platform to us.

use super::{op::Point, probe::Driven, process::RECEIVER, scene::Scene};

impl Scene<'_> {
    /// Hands over what is due. The platform hears how each was answered, if it was.
    pub async fn deliver(&mut self, mut kill_at: Option<Point>) -> Result<(), String> {
        for delivery in self.sim.due_webhooks(self.now()) {
            let id = delivery.id;
            let process = self.process(RECEIVER);
            process.probe.begin(false, kill_at.take());
            let probe = std::sync::Arc::clone(&process.probe);
            let mut run = process.take(delivery);
            let status = match probe.drive(&mut run, true).await {
                Driven::Done(status) => Some(status.as_u16()),
                Driven::Parked => return Err("parked, though nothing asked for it".into()),
                Driven::Killed => {
                    drop(run);
                    self.kill(RECEIVER).await;
                    None
                }
            };
            self.trace.note(|| format!("webhook {id} -> {status:?}"));
            self.sim.webhook_answered(id, status, self.now());
        }
        self.happened.report = None;
        Ok(())
    }
}
