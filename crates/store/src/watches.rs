//! What the detector asks and is told, as values.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};

/// A connection whose account may see the totals of the creators it manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The agency.
    pub agency: AgencyId,
    /// The connection.
    pub connection: ConnectionId,
    /// Since when its creators have not been looked at, the longest.
    pub since: Timestamp,
    /// Creators that it manages, whether or not totals could prove them quiet.
    pub creators: i64,
}

/// What the totals of one creator say: a JSON object of `[gross, net]` in cents by UTC day.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// The creator.
    pub creator: CreatorId,
    /// The totals of the days asked for.
    pub by_day: serde_json::Value,
}

/// When rows are read though totals stand still. A turn comes every so many seconds, to each creator at
/// an instant of its own, so that creators that were read together are not all due together again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turns {
    /// Seconds from one turn to the next.
    pub every: i64,
    /// Turns that may have passed without a read.
    pub missed_max: i64,
}
