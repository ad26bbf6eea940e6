//! The files that an instance is writing: so many in all, and one of an agency, so that nobody takes the
//! places of the others. Who stops reading loses the place when the database has given up the snapshot.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use ledger::AgencyId;
use store::{SNAPSHOT_IDLE_SECONDS, Tx};

use crate::http::Problem;

/// Files that one instance writes at the same time. Each holds a database connection for as long as
/// its client takes, and others need connections too.
const FILES_MAX: usize = 2;

/// All of an instance.
#[derive(Default)]
pub(crate) struct Files(Mutex<Vec<Arc<File>>>);

/// One of them.
struct File {
    agency: AgencyId,
    snapshot: Mutex<Snapshot>,
}

/// Where a file's snapshot is.
enum Snapshot {
    /// With who reads the next lines.
    Read,
    /// Waiting for the client, until then.
    Waiting(Box<Tx>, Timestamp),
    /// Given up.
    Lost,
}

/// One place, until it is dropped.
pub(super) struct Place {
    file: Arc<File>,
    files: Arc<Files>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Files {
    /// A place for a file of an agency; who waited for too long loses theirs.
    pub(super) fn take(
        self: &Arc<Self>,
        agency: AgencyId,
        now: Timestamp,
    ) -> Result<Place, Problem> {
        let mut open = locked(&self.0);
        open.retain(|file| !file.gives_up(now));
        if open.iter().any(|file| file.agency == agency) {
            let detail = "another file of this agency is being written: ask again when it is done";
            return Err(Problem::unavailable(detail));
        }
        if FILES_MAX <= open.len() {
            return Err(Problem::unavailable("other files are being written"));
        }
        let file = Arc::new(File { agency, snapshot: Mutex::new(Snapshot::Read) });
        open.push(Arc::clone(&file));
        Ok(Place { file, files: Arc::clone(self) })
    }
}

impl File {
    /// Whether its time is over: then the connection is free again, too.
    fn gives_up(&self, now: Timestamp) -> bool {
        let mut snapshot = locked(&self.snapshot);
        let is_over = matches!(&*snapshot, Snapshot::Waiting(_, until) if *until <= now);
        if is_over {
            *snapshot = Snapshot::Lost;
        }
        is_over
    }
}

impl Place {
    /// Leaves the snapshot while the client takes what was read.
    pub(super) fn leave(&self, tx: Tx, now: Timestamp) {
        let idle = SignedDuration::from_secs(SNAPSHOT_IDLE_SECONDS);
        let until = now.checked_add(idle).unwrap_or(now);
        *locked(&self.file.snapshot) = Snapshot::Waiting(Box::new(tx), until);
    }

    /// The snapshot; `None` when it was given up.
    pub(super) fn resume(&self) -> Option<Tx> {
        let mut snapshot = locked(&self.file.snapshot);
        match std::mem::replace(&mut *snapshot, Snapshot::Read) {
            Snapshot::Waiting(tx, _) => Some(*tx),
            Snapshot::Read | Snapshot::Lost => {
                *snapshot = Snapshot::Lost;
                None
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        locked(&self.files.0).retain(|file| !Arc::ptr_eq(file, &self.file));
    }
}
