//! What can happen in a simulated world: one value a line, readable as a specification.
//!
//! An op holds everything it needs, so that any list of ops may be run, also one with gaps. What it
//! asks for may be impossible at that moment (no sale to take back): then nothing happens.
//!
//! | not yet | because |
//! |---|---|
//! | reversals of managed creators before v1 | no list shows them: they are only owed once v1 does |
//! | repairs, jobs | no part of the product |

use serde_json::{Value, json};
use simulator::{CursorStyle, Fault, Order, Rows};

/// A creator by number; numbers beyond the last one begin again.
pub type Who = usize;

/// One line of a simulation.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Nothing else happens for so long.
    TimePasses { seconds: i64 },
    /// A creator sells.
    Sells { who: Who, sale: Sale },
    /// Her latest sale is taken back.
    TakesBack { who: Who, chargeback: bool },
    /// The payout status of one of her rows moves on, or back, which the ledger must not follow.
    AmendsStatus { who: Who, nth: usize, back: bool },
    /// The price of one of her recent rows is corrected.
    AmendsAmount { who: Who, nth: usize, cents: i64 },
    /// One of her recent rows is gone from every list for so long.
    Vanishes { who: Who, nth: usize, seconds: u32 },
    /// A row that is no earning stands in her feed.
    Nonsense { who: Who, kind: usize },

    /// The platform serves that generation of rows from now on.
    Serves { rows: Rows },
    /// The paths under `/v1` are gone, or there again.
    ServesV1Paths { there: bool },
    /// Rows are listed in that order, by cursors of that style.
    Lists { order: Order, cursors: CursorStyle },
    /// Rewards, or reversals, come without an id although their generation has ids.
    LeavesOutIds { rewards: bool, reversals: bool },
    /// Requests a minute, and whether a refusal says when to come back.
    Limits { requests: u32, tells: bool, by_creator: bool },
    /// How long a cursor is good for.
    CursorsLive { seconds: Option<u32> },
    /// How long a new access token lives, and a used refresh token is tolerated.
    TokensLive { seconds: u32, grace_seconds: u32 },
    /// The next requests that match go wrong.
    Fails { at: Place, how: Fault, times: u64 },
    /// All that was set to fail is mended.
    Mends,
    /// Every token lacks this scope at the moment; none lacks any.
    Withholds { scope: Option<&'static str> },
    /// The account's owner takes the consent back.
    Revokes,

    /// A person connects the account again.
    Reconnects,
    /// An operator resets `last_transaction_sync`.
    AsksForHistory { who: Who },
    /// An operator gives the agency another zone, and its own one again: its days are counted anew.
    MovesAndReturns,
    /// Our clock is wrong by so much from now on.
    ClockIsOff { seconds: i64 },

    /// A tick from its beginning to its end.
    Tick,
    /// A tick over what is due: unfinished histories, failed creators, the long unread.
    TickDue,
    /// Every webhook that is due reaches our endpoint, which makes sense of it.
    Delivers,
    /// The same, and the process that takes the first is killed.
    DeliversKilled { at: Point },
    /// Ticks of several processes, stepped in turn from request to request, then to their ends.
    Ticks { turns: Vec<Turn> },
    /// A tick whose process is killed. If it gets by with less, nothing is killed.
    TickKilled { at: Point },
    /// A tick stands still for so long, another one runs from beginning to end, the first goes on.
    TickOversleeps { after_requests: u32, seconds: i64 },
}

impl Op {
    /// Whether anything of ours runs, so that the books may be other ones afterwards.
    pub fn is_ours(&self) -> bool {
        matches!(
            self,
            Op::Reconnects
                | Op::AsksForHistory { .. }
                | Op::MovesAndReturns
                | Op::Tick
                | Op::TickDue
                | Op::Delivers
                | Op::DeliversKilled { .. }
                | Op::Ticks { .. }
                | Op::TickKilled { .. }
                | Op::TickOversleeps { .. }
        )
    }

    /// Whether it is another moment afterwards, to the world or to us.
    pub fn moves_a_clock(&self) -> bool {
        matches!(self, Op::TimePasses { .. } | Op::ClockIsOff { .. })
    }

    /// The platform's switches that it turns.
    pub fn settings(&self) -> Option<Value> {
        Some(match self {
            Op::Serves { rows } => json!({"rows": rows}),
            Op::ServesV1Paths { there } => json!({"v1": there}),
            Op::Lists { order, cursors } => json!({"order": order, "cursorStyle": cursors}),
            Op::LeavesOutIds { rewards, reversals } => {
                json!({"idlessRewards": rewards, "idlessReversals": reversals})
            }
            Op::Limits { requests, tells, by_creator } => {
                json!({"rateLimit": requests, "retryAfter": tells, "bucketPerCreator": by_creator})
            }
            Op::CursorsLive { seconds } => json!({"cursorTtlSeconds": seconds}),
            Op::TokensLive { seconds, grace_seconds } => {
                json!({"tokenSeconds": seconds, "graceSeconds": grace_seconds})
            }
            Op::Withholds { scope } => json!({"withheldScopes": scope.as_slice()}),
            _ => return None,
        })
    }
}

/// Sales of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sale {
    /// How many different ones.
    pub count: u32,
    /// How far apart they are dated. At 0 they share one millisecond.
    pub apart_ms: i64,
    /// How many equal rows each of them is.
    pub twins: u32,
    /// Whether nobody is named as the buyer.
    pub no_fan: bool,
    /// How long before now the latest of them is dated.
    pub ago_ms: i64,
    /// How long after now they show.
    pub shows_after_seconds: u32,
}

/// Which requests go wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Anything.
    Anywhere,
    /// That page of a creator's earnings.
    Page { who: Who, page: u32 },
    /// The token endpoint.
    Tokens,
}

/// Where a process is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Point {
    /// At its n-th request: before it is sent, or when it took effect and the answer is lost.
    Request { nth: u32, took_effect: bool },
    /// At its n-th round trip to the database, in the same two ways.
    RoundTrip { nth: u32, took_effect: bool },
}

/// One turn of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// The process goes on to its next request; the first turn begins its tick.
    Goes { process: usize },
    /// The process is killed where it stands.
    Dies { process: usize },
    /// Everything that only concerns the world: time, sales, settings, an operator.
    Meanwhile { op: Box<Op> },
}
