//! The one connection that listens for all streams of this instance. It is made for the first stream
//! and closed after the last one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ledger::AgencyId;
use secrecy::SecretString;
use store::{Authorities, Listener};
use tokio::sync::{Notify, watch};

use super::places::{Place, Places};
use crate::{
    Clock,
    analytics::moment::after,
    auth::Caller,
    http::{Problem, chain},
};

/// How often the revisions are read although nothing was heard: a connection that died without a word
/// is found out by it, and whatever it did not tell.
const LOOK_SECONDS: i64 = 15;
/// How long a look may take.
const ANSWER_SECONDS: i64 = 10;
/// What is to be done where no connection can be made.
const REMEDY: &str = "DATABASE_DIRECT_URL has to lead from here to Postgres itself, or to its pooler in session mode (of \
     Supabase: the pooler's host with port 5432, since the database's own host has no IPv4 address)";
/// How long to wait before a connection that was lost is made again.
const PAUSE_SECONDS: i64 = 1;

/// Who listens, and who is told.
pub(crate) struct Hub {
    server: Option<Server>,
    places: Places,
    shared: Arc<Shared>,
}

/// Where changes are heard of.
#[derive(Clone)]
struct Server {
    url: SecretString,
    authorities: Authorities,
}

struct Shared {
    clock: Arc<dyn Clock>,
    watched: Mutex<Watched>,
    /// A stream has ended.
    left: Notify,
}

#[derive(Default)]
struct Watched {
    /// The newest revision of every agency that somebody watches.
    agencies: HashMap<AgencyId, watch::Sender<i64>>,
    /// How the task that listens stands; `None` while there is none.
    ear: Option<watch::Receiver<Ear>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ear {
    Connecting,
    Listening,
    Failed,
}

/// One stream's view of its agency.
pub(super) struct Watch {
    // Dropped before `_leaving` says so.
    revisions: watch::Receiver<i64>,
    _leaving: Leaving,
}

struct Leaving(Arc<Shared>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.left.notify_one();
    }
}

impl Watch {
    /// The newest revision that was heard of.
    pub(super) fn newest(&mut self) -> i64 {
        *self.revisions.borrow_and_update()
    }

    /// Waits until there is a newer one; `false` when nobody will tell any more.
    pub(super) async fn changed(&mut self) -> bool {
        self.revisions.changed().await.is_ok()
    }
}

impl Hub {
    pub(crate) fn new(
        url: Option<SecretString>,
        authorities: Authorities,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let server = url.map(|url| Server { url, authorities });
        let shared = Shared { clock, watched: Mutex::default(), left: Notify::new() };
        Self { server, places: Places::new(), shared: Arc::new(shared) }
    }

    /// A place among the streams of this instance, until it is dropped.
    pub(super) fn place(&self, caller: Caller) -> Result<Place, Problem> {
        self.places.take(caller)
    }

    /// Watches an agency: whatever is committed from now on is told.
    pub(super) async fn watch(&self, agency: AgencyId) -> Result<Watch, Problem> {
        let Some(server) = &self.server else {
            return Err(Problem::not_configured(
                "changes are told over a direct connection to Postgres, and DATABASE_URL leads through \
                 a pooler: set DATABASE_DIRECT_URL; until then, poll the dashboard",
            ));
        };
        let (watch, mut ear) = self.shared.join(agency, server);
        let stands = ear.wait_for(|ear| *ear != Ear::Connecting).await.map(|ear| *ear);
        match stands {
            Ok(Ear::Listening) => Ok(watch),
            _ => Err(Problem::unavailable("the database tells no changes now: poll the dashboard")),
        }
    }

    /// Takes note of a revision that was read after [`Hub::watch`].
    pub(super) fn tell(&self, agency: AgencyId, revision: i64) {
        self.shared.tell(&[(agency, revision)]);
    }
}

impl Shared {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a stream, and somebody who listens if nobody does.
    fn join(self: &Arc<Self>, agency: AgencyId, server: &Server) -> (Watch, watch::Receiver<Ear>) {
        let mut watched = self.watched();
        let sender = watched.agencies.entry(agency).or_insert_with(|| watch::channel(0).0);
        let watch = Watch { revisions: sender.subscribe(), _leaving: Leaving(Arc::clone(self)) };
        let ear = watched.ear.get_or_insert_with(|| {
            let (ear, stands) = watch::channel(Ear::Connecting);
            tokio::spawn(listen(Arc::clone(self), server.clone(), ear));
            stands
        });
        (watch, ear.clone())
    }

    /// Forgets agencies that nobody watches. `true` when none is left: then nobody listens any more.
    fn is_deserted(&self) -> bool {
        let mut watched = self.watched();
        watched.agencies.retain(|_, sender| !sender.is_closed());
        if watched.agencies.is_empty() {
            watched.ear = None;
        }
        watched.agencies.is_empty()
    }

    /// Hands on what was heard. A notice may come after a look that saw more.
    fn tell(&self, revisions: &[(AgencyId, i64)]) {
        let watched = self.watched();
        for (agency, revision) in revisions {
            if let Some(sender) = watched.agencies.get(agency) {
                sender.send_if_modified(|known| {
                    let is_newer = *known < *revision;
                    *known = (*known).max(*revision);
                    is_newer
                });
            }
        }
    }

    /// Reads the revisions of all that are watched. What is read is so, whatever was heard.
    async fn look(&self, listener: &Listener) -> bool {
        let agencies: Vec<_> = self.watched().agencies.keys().copied().collect();
        let now = self.clock.now();
        let late = after(now, ANSWER_SECONDS).unwrap_or(now);
        let read = tokio::select! {
            read = listener.revisions(&agencies) => read,
            () = self.clock.sleep_until(late) => return false,
        };
        match read {
            Ok(revisions) => {
                let watched = self.watched();
                for (agency, revision) in revisions {
                    if let Some(sender) = watched.agencies.get(&agency) {
                        sender.send_if_modified(|known| {
                            std::mem::replace(known, revision) != revision
                        });
                    }
                }
                true
            }
            Err(error) => {
                tracing::warn!(error = chain(&error), "the revisions could not be read");
                false
            }
        }
    }

    /// Hands on what is heard. `false` when the connection is lost, `true` when nobody watches.
    async fn follow(&self, listener: &Listener) -> bool {
        let mut look_at = self.clock.now();
        loop {
            if look_at <= self.clock.now() {
                if !self.look(listener).await {
                    return false;
                }
                look_at = after(self.clock.now(), LOOK_SECONDS).unwrap_or(look_at);
            }
            tokio::select! {
                heard = listener.next() => match heard {
                    Some(revisions) => self.tell(&revisions),
                    None => return false,
                },
                () = self.left.notified() => if self.is_deserted() { return true },
                () = self.clock.sleep_until(look_at) => if self.is_deserted() { return true },
            }
        }
    }
}

/// Listens as long as somebody watches. A connection that can't be made at first is an answer; one that
/// is lost is made again.
async fn listen(shared: Arc<Shared>, server: Server, ear: watch::Sender<Ear>) {
    let mut has_listened = false;
    loop {
        match Listener::open(&server.url, &server.authorities).await {
            Ok(listener) => {
                has_listened = true;
                ear.send_replace(Ear::Listening);
                if shared.follow(&listener).await {
                    return;
                }
                ear.send_replace(Ear::Connecting);
            }
            Err(error) => {
                // Dashboards poll meanwhile: figures come later, and none is wrong.
                tracing::warn!(error = chain(&error), remedy = REMEDY, "nobody tells of changes");
                if !has_listened {
                    let mut watched = shared.watched();
                    watched.ear = None;
                    watched.agencies.clear();
                    ear.send_replace(Ear::Failed);
                    return;
                }
                // Whoever comes now is told so, and not left waiting.
                ear.send_replace(Ear::Failed);
            }
        }
        let now = shared.clock.now();
        shared.clock.sleep_until(after(now, PAUSE_SECONDS).unwrap_or(now)).await;
        if shared.is_deserted() {
            return;
        }
    }
}
