//! Places among the streams of an instance: so many in all, and so many for one user, so that nobody
//! takes those of the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use store::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{auth::Caller, http::Problem};

/// The most streams of one instance.
const STREAMS_MAX: usize = 256;
/// The most of one user: more windows than anybody looks at.
const STREAMS_OF_ONE_MAX: usize = 16;

pub(super) struct Places {
    all: Arc<Semaphore>,
    users: Arc<Users>,
}

/// How many streams each user has open.
#[derive(Default)]
struct Users(Mutex<HashMap<UserId, usize>>);

impl Users {
    fn counts(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place, until it is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    user: Option<(UserId, Arc<Users>)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((user, users)) = &self.user else { return };
        let mut counts = users.counts();
        if let Some(count) = counts.get_mut(user) {
            *count -= 1;
        }
        counts.retain(|_, count| 0 < *count);
    }
}

impl Places {
    pub(super) fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(STREAMS_MAX)), users: Arc::default() }
    }

    /// A place for one who asks.
    pub(super) fn take(&self, caller: Caller) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(|_| {
            Problem::unavailable(format!(
                "this server has {STREAMS_MAX} streams open, and no more: poll the dashboard meanwhile"
            ))
        })?;
        let user = match caller {
            Caller::Operator => None,
            Caller::User(user) => Some((user, self.count(user)?)),
        };
        Ok(Place { _permit: permit, user })
    }

    fn count(&self, user: UserId) -> Result<Arc<Users>, Problem> {
        let mut counts = self.users.counts();
        let count = counts.entry(user).or_default();
        if STREAMS_OF_ONE_MAX <= *count {
            return Err(Problem::too_many_requests(format!(
                "you have {STREAMS_OF_ONE_MAX} streams open here, and no more: close a window or poll \
                 the dashboard"
            )));
        }
        *count += 1;
        Ok(Arc::clone(&self.users))
    }
}
