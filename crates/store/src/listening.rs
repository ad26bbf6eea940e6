//! Hearing of revisions as they are committed, over a connection of its own. It has to lead to Postgres
//! itself: a transaction pooler hands nobody's notices on.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ledger::AgencyId;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, types::Type};
use tracing::Instrument;
use uuid::Uuid;

use crate::{Authorities, Error, tls, trust};

/// How long a server may take until it has been asked to tell.
const OPEN_MAX: Duration = Duration::from_secs(5);

/// A connection that hears of every agency's revision.
pub struct Listener {
    client: Client,
    heard: Arc<Heard>,
}

/// What was heard and not taken yet: the newest revision of each agency.
#[derive(Default)]
struct Heard {
    notices: Mutex<Notices>,
    some: Notify,
}

#[derive(Default)]
struct Notices {
    revisions: BTreeMap<AgencyId, i64>,
    has_ended: bool,
}

impl Heard {
    fn notices(&self) -> MutexGuard<'_, Notices> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `<agency> <revision>`, as the trigger `agencies_revision_told` writes it.
fn notice(payload: &str) -> Option<(AgencyId, i64)> {
    let (agency, revision) = payload.split_once(' ')?;
    Some((AgencyId(Uuid::parse_str(agency).ok()?), revision.parse().ok()?))
}

impl Listener {
    /// Connects and listens: what is committed from now on is heard.
    ///
    /// # Errors
    /// [`Error::Url`], [`Error::Unreachable`], [`Error::Query`].
    pub async fn open(
        database_url: &SecretString,
        authorities: &Authorities,
    ) -> Result<Self, Error> {
        let silent = |_| Error::Unreachable { source: "it does not answer".into() };
        let connecting = Self::connect(database_url, authorities);
        tokio::time::timeout(OPEN_MAX, connecting).await.map_err(silent)?
    }

    async fn connect(
        database_url: &SecretString,
        authorities: &Authorities,
    ) -> Result<Self, Error> {
        let mut config = tls::parse(database_url.expose_secret())?;
        config.application_name("heartbeat-live");
        let (client, mut connection) =
            config.connect(authorities.connector()?).await.map_err(trust::unreachable)?;
        let heard = Arc::<Heard>::default();
        let told = Arc::clone(&heard);
        let drive = async move {
            // Ends with the connection, which ends when the listener is dropped.
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    Ok(AsyncMessage::Notification(told_by)) => {
                        if let Some((agency, revision)) = notice(told_by.payload()) {
                            told.notices().revisions.insert(agency, revision);
                            told.some.notify_one();
                        }
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(error = %error, "the connection that listens ended");
                        break;
                    }
                }
            }
            told.notices().has_ended = true;
            told.some.notify_one();
        };
        tokio::spawn(drive.in_current_span());
        let statement = "listen_revisions";
        let listen = client.batch_execute("-- listen_revisions\nlisten heartbeat_revision");
        listen.await.map_err(|source| Error::Query { statement, source })?;
        Ok(Self { client, heard })
    }

    /// Waits for news, and takes it: of each agency whose revision rose, the newest. `None` when the
    /// connection has ended. Dropped before it is done, it has taken nothing.
    pub async fn next(&self) -> Option<Vec<(AgencyId, i64)>> {
        // Each turn waits for a notice.
        loop {
            let (revisions, has_ended) = {
                let mut notices = self.heard.notices();
                (mem::take(&mut notices.revisions), notices.has_ended)
            };
            if !revisions.is_empty() {
                return Some(revisions.into_iter().collect());
            }
            if has_ended {
                return None;
            }
            self.heard.some.notified().await;
        }
    }

    /// The revisions of those agencies as they stand now, asked for over the same connection.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn revisions(&self, agencies: &[AgencyId]) -> Result<Vec<(AgencyId, i64)>, Error> {
        let statement = "list_revisions";
        let ids: Vec<_> = agencies.iter().map(|agency| agency.0).collect();
        let sql = "-- list_revisions
             select id, revision from agencies where id = any($1)";
        let rows = self.client.query_typed(sql, &[(&ids, Type::UUID_ARRAY)]).await;
        let rows = rows.map_err(|source| Error::Query { statement, source })?;
        Ok(rows.iter().map(|row| (AgencyId(row.get("id")), row.get("revision"))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_an_agency_and_a_revision() {
        let id = "00000000-0000-4000-8000-000000000001";
        assert_eq!(notice(&format!("{id} 7")), Some((AgencyId(Uuid::parse_str(id).unwrap()), 7)));
        for wrong in ["", id, "x 7", &format!("{id} "), &format!("{id} 7 8")] {
            assert_eq!(notice(wrong), None, "{wrong}");
        }
    }
}
