//! What is sent when, to which endpoint, and again: loss, copies, delays, retries, disabling.
//!
//! Knows no row and no topic but by name; every chance is drawn by the event and the endpoint, so it
//! falls the same however often the world is looked at.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use super::{
    Delivery, EndpointReport, Event, WebhookReport,
    endpoints::{Endpoints, Subscription, Target},
    settings::WebhookSettings,
    sign,
};
use crate::{dice::Dice, row::Millis};

/// Everything that waits to be sent or answered.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Up to when what happened is known. `None` until the world is first looked at.
    seen: Option<Millis>,
    /// A journal is being read: all of this was sent long ago.
    replaying: bool,
    endpoints: Endpoints,
    /// By when they are due, then by when they were put here.
    waiting: BTreeMap<(Millis, u64), Job>,
    in_flight: BTreeMap<u64, Job>,
    made: u64,
    queued: u64,
    handed_out: u64,
}

#[derive(Clone, Debug)]
struct Job {
    event: Arc<Event>,
    target: Target,
    /// How often it was tried before.
    tried: usize,
    forged: bool,
}

impl Outbox {
    /// Between these two calls nothing is sent. What waits and what happened meanwhile is lost.
    pub(crate) fn begin_replay(&mut self) {
        self.replaying = true;
    }

    /// See `begin_replay`.
    pub(crate) fn end_replay(&mut self) {
        self.replaying = false;
    }

    /// Moves on to an instant; answers the last one looked at, if what came after it is to be told.
    pub(super) fn look(&mut self, now: Millis) -> Option<Millis> {
        if self.replaying || self.seen.is_some_and(|seen| now <= seen) {
            return None;
        }
        self.seen.replace(now)
    }

    /// The last instant looked at.
    pub(super) fn seen(&self) -> Option<Millis> {
        self.seen.filter(|_| !self.replaying)
    }

    /// Whether there is an endpoint at all.
    pub(super) fn has_endpoint(&self, settings: &WebhookSettings) -> bool {
        self.endpoints.any(settings)
    }

    /// Decides what becomes of an event; answers how many endpoints it is meant for.
    pub(crate) fn add(&mut self, event: Event, settings: &WebhookSettings, seed: u64) -> usize {
        if self.replaying {
            return 0;
        }
        let targets = self.endpoints.takers(&event.topic, settings);
        self.made += u64::from(!targets.is_empty());
        let event = Arc::new(event);
        for target in &targets {
            self.plan(*target, &event, settings, seed);
        }
        targets.len()
    }

    fn plan(&mut self, target: Target, event: &Arc<Event>, settings: &WebhookSettings, seed: u64) {
        let mut dice = Dice::new(seed, "delivery", &[event.key, target.number()]);
        // All of it is drawn, needed or not: turning one switch doesn't change another one's luck.
        let chances =
            [settings.loss_percent, settings.duplicate_percent, settings.bad_signature_percent];
        let [lost, twice, forged] = chances.map(|percent| dice.below(100) < u64::from(percent));
        let [first, second, copy] = [(); 3].map(|()| event.at + settings.wait(&mut dice));
        let job = Job { event: Arc::clone(event), target, tried: 0, forged: false };
        // The forged copy goes first where nothing else says which does: the harder case.
        if forged {
            self.queue(copy, Job { forged: true, ..job.clone() });
        }
        if !lost {
            self.queue(first, job.clone());
        }
        if !lost && twice {
            self.queue(second, job);
        }
        if let Some(tally) = self.endpoints.tally(target) {
            tally.counts.made += 1;
            tally.counts.lost += u64::from(lost);
            tally.counts.duplicates += u64::from(twice && !lost);
        }
    }

    fn queue(&mut self, due: Millis, job: Job) {
        self.queued += 1;
        self.waiting.insert((due, self.queued), job);
    }

    /// When the next delivery is due.
    pub(super) fn next_due(&self) -> Option<Millis> {
        self.waiting.first_key_value().map(|((due, _), _)| *due)
    }

    /// Hands out what is due, at most so many, signed now.
    pub(super) fn take(
        &mut self,
        now: Millis,
        limit: usize,
        settings: &WebhookSettings,
    ) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < limit {
            let first = self.waiting.first_entry().filter(|first| first.key().0 <= now);
            let Some(job) = first.map(|first| first.remove()) else { break };
            deliveries.extend(self.hand_out(job, now.div_euclid(1000), settings));
        }
        deliveries
    }

    fn hand_out(&mut self, job: Job, second: i64, settings: &WebhookSettings) -> Option<Delivery> {
        let (url, secret) = self.endpoints.address(job.target, settings)?;
        let second = second + i64::from(settings.clock_skew_seconds);
        let (body, signature) = match job.forged {
            true => {
                let body = sign::forged(&job.event.body);
                let signature = sign::signature(&sign::wrong_secret(secret), second, &body);
                (body, signature)
            }
            false => {
                let body = job.event.body.clone();
                let signature = sign::signature(secret, second, &body);
                (body, signature)
            }
        };
        self.handed_out += 1;
        let delivery = Delivery {
            id: self.handed_out,
            url: url.to_owned(),
            headers: sign::headers(&job.event, &signature, settings.topic_headers),
            body,
        };
        if let Some(tally) = self.endpoints.tally(job.target) {
            let sent = if job.forged { &mut tally.counts.forged } else { &mut tally.counts.sent };
            *sent += 1;
        }
        self.in_flight.insert(delivery.id, job);
        Some(delivery)
    }

    /// Takes an answer: counts it, and plans a retry if it was none or a bad one.
    pub(super) fn answered(
        &mut self,
        id: u64,
        status: Option<u16>,
        now: Millis,
        settings: &WebhookSettings,
    ) {
        let Some(mut job) = self.in_flight.remove(&id) else { return };
        let good = status.is_some_and(|status| (200..300).contains(&status));
        let Some(tally) = self.endpoints.tally(job.target) else { return };
        if job.forged {
            tally.counts.forged_accepted += u64::from(good);
            return;
        }
        if good {
            tally.counts.delivered += 1;
            tally.failures_in_a_row = 0;
            return;
        }
        tally.counts.failed += 1;
        tally.failures_in_a_row += 1;
        let enough =
            settings.disable_after_failures.is_some_and(|most| tally.failures_in_a_row >= most);
        tally.disabled |= enough;
        let retry = settings.retry_seconds.get(job.tried).filter(|_| !tally.disabled);
        tally.counts.given_up += u64::from(retry.is_none());
        let (target, disabled) = (job.target, tally.disabled);
        if let Some(wait) = retry {
            job.tried += 1;
            self.queue(now + i64::from(*wait) * 1000, job);
        }
        if disabled {
            self.drop_waiting(target);
        }
    }

    fn drop_waiting(&mut self, target: Target) {
        let mut dropped = 0;
        self.waiting.retain(|_, job| {
            dropped += u64::from(job.target == target && !job.forged);
            job.target != target
        });
        if let Some(tally) = self.endpoints.tally(target) {
            tally.counts.given_up += dropped;
        }
    }

    /// New settings: disabled endpoints get another chance, and nothing waits for one that is off.
    pub(crate) fn settings_changed(&mut self, settings: &WebhookSettings) {
        self.enable();
        if settings.url.is_none() {
            self.drop_waiting(Target::App);
        }
    }

    /// Enables every endpoint again.
    pub(crate) fn enable(&mut self) {
        self.endpoints.enable();
    }

    /// Registers an endpoint.
    pub(crate) fn subscribe(
        &mut self,
        url: String,
        events: Vec<String>,
        dice: Dice,
        now: Millis,
    ) -> &Subscription {
        self.endpoints.subscribe(url, events, dice, now)
    }

    /// Forgets an endpoint and what waits for it; answers whether there was one.
    pub(crate) fn unsubscribe(&mut self, id: Uuid) -> bool {
        let gone = self.endpoints.unsubscribe(id);
        gone.into_iter().for_each(|target| self.drop_waiting(target));
        gone.is_some()
    }

    /// The subscriptions, oldest first.
    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        self.endpoints.subscriptions()
    }

    /// What became of everything.
    pub(crate) fn report(&self, settings: &WebhookSettings) -> WebhookReport {
        let of = |target, jobs: &mut dyn Iterator<Item = &Job>| {
            jobs.filter(|job| job.target == target).count() as u64
        };
        let counted = |(target, report)| EndpointReport {
            pending: of(target, &mut self.waiting.values()),
            in_flight: of(target, &mut self.in_flight.values()),
            ..report
        };
        let endpoints = self.endpoints.report(settings).into_iter().map(counted).collect();
        WebhookReport { made: self.made, endpoints }
    }
}
