//! The endpoints webhooks go to: the app's own one and the subscriptions, with what each was sent.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{EndpointReport, WebhookCounts, settings::WebhookSettings};
use crate::{dice::Dice, params::format_instant, row::Millis};

/// Which endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The one in the settings.
    App,
    /// A subscription, by its number.
    Subscription(u64),
}

impl Target {
    /// What the chances of its deliveries are drawn by.
    pub(super) fn number(self) -> u64 {
        match self {
            Target::App => 0,
            Target::Subscription(number) => number,
        }
    }
}

/// What an endpoint was sent and how it took it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: WebhookCounts,
    pub(super) failures_in_a_row: u32,
    pub(super) disabled: bool,
}

impl Tally {
    fn report(&self) -> EndpointReport {
        EndpointReport {
            disabled: self.disabled,
            failures_in_a_row: self.failures_in_a_row,
            counts: self.counts,
            ..EndpointReport::default()
        }
    }
}

/// An endpoint registered through the API.
#[derive(Debug)]
pub(crate) struct Subscription {
    number: u64,
    id: Uuid,
    url: String,
    events: Vec<String>,
    secret: String,
    created_at: Millis,
    tally: Tally,
}

impl Subscription {
    /// A subscription drawn from those dice.
    fn new(
        number: u64,
        url: String,
        events: Vec<String>,
        mut dice: Dice,
        now: Millis,
    ) -> Subscription {
        let id = dice.uuid();
        let secret = format!("sim_whs_{:016x}{:016x}", dice.roll(), dice.roll());
        Subscription { number, id, url, events, secret, created_at: now, tally: Tally::default() }
    }

    /// As lists show it: without the secret.
    pub(crate) fn listed(&self) -> Value {
        json!({
            "id": self.id,
            "url": self.url,
            "events": self.events,
            "createdAt": format_instant(self.created_at),
        })
    }

    /// As the answer to its making shows it, and nothing else ever does.
    pub(crate) fn created(&self) -> Value {
        let mut shown = self.listed();
        shown["signingSecret"] = json!(self.secret);
        shown
    }
}

/// All endpoints.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    app: Tally,
    subscriptions: Vec<Subscription>,
    /// How many subscriptions there ever were.
    subscribed: u64,
}

impl Endpoints {
    /// Whether there is any.
    pub(super) fn any(&self, settings: &WebhookSettings) -> bool {
        settings.url.is_some() || !self.subscriptions.is_empty()
    }

    /// Those that are to get an event of that topic.
    pub(super) fn takers(&self, topic: &str, settings: &WebhookSettings) -> Vec<Target> {
        let app = (settings.url.is_some() && !self.app.disabled).then_some(Target::App);
        let takes =
            |one: &&Subscription| !one.tally.disabled && one.events.iter().any(|e| e == topic);
        let subscriptions = self.subscriptions.iter().filter(takes);
        app.into_iter().chain(subscriptions.map(|one| Target::Subscription(one.number))).collect()
    }

    /// Where a delivery goes and what it is signed with; none if the endpoint is gone.
    pub(super) fn address<'a>(
        &'a self,
        target: Target,
        settings: &'a WebhookSettings,
    ) -> Option<(&'a str, &'a str)> {
        match target {
            Target::App => Some((settings.url.as_deref()?, &settings.secret)),
            Target::Subscription(number) => {
                let one = self.subscriptions.iter().find(|one| one.number == number)?;
                Some((&one.url, &one.secret))
            }
        }
    }

    /// What an endpoint was sent so far.
    pub(super) fn tally(&mut self, target: Target) -> Option<&mut Tally> {
        match target {
            Target::App => Some(&mut self.app),
            Target::Subscription(number) => {
                let mut all = self.subscriptions.iter_mut();
                all.find(|one| one.number == number).map(|one| &mut one.tally)
            }
        }
    }

    /// Gives every endpoint another chance.
    pub(super) fn enable(&mut self) {
        let tallies = self.subscriptions.iter_mut().map(|one| &mut one.tally);
        for tally in std::iter::once(&mut self.app).chain(tallies) {
            (tally.disabled, tally.failures_in_a_row) = (false, 0);
        }
    }

    /// Registers one.
    pub(super) fn subscribe(
        &mut self,
        url: String,
        events: Vec<String>,
        dice: Dice,
        now: Millis,
    ) -> &Subscription {
        self.subscribed += 1;
        let one = Subscription::new(self.subscribed, url, events, dice, now);
        self.subscriptions.push(one);
        &self.subscriptions[self.subscriptions.len() - 1]
    }

    /// Forgets one.
    pub(super) fn unsubscribe(&mut self, id: Uuid) -> Option<Target> {
        let index = self.subscriptions.iter().position(|one| one.id == id)?;
        Some(Target::Subscription(self.subscriptions.remove(index).number))
    }

    /// The subscriptions, oldest first.
    pub(super) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    /// What each was sent, the app's own one first.
    pub(super) fn report(&self, settings: &WebhookSettings) -> Vec<(Target, EndpointReport)> {
        let app = EndpointReport { url: settings.url.clone(), ..self.app.report() };
        let subscription = |one: &Subscription| {
            let report = EndpointReport {
                subscription: Some(one.id),
                url: Some(one.url.clone()),
                events: Some(one.events.clone()),
                ..one.tally.report()
            };
            (Target::Subscription(one.number), report)
        };
        let subscriptions = self.subscriptions.iter().map(subscription);
        std::iter::once((Target::App, app)).chain(subscriptions).collect()
    }
}
