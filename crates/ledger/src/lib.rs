//! The meaning of money: amounts, earnings, their identity, what has been read and what has not.
//!
//! Everything here is a value or a pure function. There is no I/O, no clock, no randomness and no
//! knowledge of the platform's JSON, of HTTP or of SQL: those live in `fanvue`, `app` and `store`,
//! which all depend on this crate and never on each other's subject.

mod adopted;
mod books;
mod calendar;
pub mod diagnosis;
mod earning;
mod identity;
mod ids;
mod money;
mod pass;
mod progress;
mod proof;
mod provisional;
mod rollup;
mod runs;
mod source;
mod stream;
mod window;

pub use adopted::{Unproven, unproven};
pub use books::{Booked, Books, Changes, Passed, Update, multiset};
pub use calendar::{Bucket, Comparison, Days, FIRST_DAY, NamedRange, today};
pub use earning::{Earning, Fan, OrderId, PayoutStatus, Reject, RejectReason};
pub use identity::{Content, Key, KeyError};
pub use ids::{AgencyId, ConnectionId, CreatorId};
pub use money::{Cents, CentsError};
pub use pass::{PageFacts, PageVerdict, Pass};
pub use progress::{
    Allowance, Evidence, HistoryPass, PAGE_ROWS, Part, SpoiltWindows, seconds_left,
};
pub use proof::{
    DaySums, PROOF_DAYS, PROOF_WINDOWS_MAX, RepairedDay, proof_windows, repaired_days,
};
pub use provisional::{
    Family, Hint, PROVISIONAL_SECONDS_MAX, Provisional, SETTLE_SECONDS_MAX, Standing,
    TOGETHER_SECONDS_MAX, stand,
};
pub use rollup::{DayDelta, FanDelta, day_deltas, fan_deltas};
pub use runs::Run;
pub use source::{Category, Source};
pub use stream::{
    Feed, HISTORY_START, OpenWindow, PIECE_ROWS, PULSE_OVERLAP_SECONDS, Piece, Purpose, REST_ROWS,
    RowsAhead, Stream,
};
pub use window::{Cursor, Window, WindowError};
