//! What can go wrong, and where: values with names, so that each can be asked for again.

use std::{fmt, str::FromStr};

/// What becomes of a request to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFault {
    /// It is answered 503, and nothing was done.
    Fails,
    /// Nothing was done, and no answer comes.
    TimesOut,
    /// It was done, and the answer is lost.
    AnswerLost,
    /// It comes twice, and the second answer is heard.
    Doubled,
    /// It was done, and whoever asked dies before the answer is heard.
    Killed,
}

/// What becomes of a round trip to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripFault {
    /// The server refuses it, in a way that asking again need not mend.
    Fails,
    /// The connection ends, and nothing was done.
    CutBefore,
    /// It was done, and the connection ends before the answer.
    CutAfter,
    /// It was done, and whoever asked dies before the answer is heard.
    Killed,
}

const REQUEST_FAULTS: [(RequestFault, &str); 5] = [
    (RequestFault::Fails, "fails"),
    (RequestFault::TimesOut, "times-out"),
    (RequestFault::AnswerLost, "answer-lost"),
    (RequestFault::Doubled, "doubled"),
    (RequestFault::Killed, "killed"),
];

const TRIP_FAULTS: [(TripFault, &str); 4] = [
    (TripFault::Fails, "fails"),
    (TripFault::CutBefore, "cut-before"),
    (TripFault::CutAfter, "cut-after"),
    (TripFault::Killed, "killed"),
];

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// At the n-th request to the platform.
    Request { nth: u32, fault: RequestFault },
    /// At the n-th round trip to the database.
    Trip { nth: u32, fault: TripFault },
}

impl Crash {
    /// Everything that can go wrong in a run of so many requests and round trips.
    pub fn all((requests, trips): (u32, u32)) -> Vec<Self> {
        let of_requests = (1..=requests).flat_map(|nth| {
            REQUEST_FAULTS.into_iter().map(move |(fault, _)| Self::Request { nth, fault })
        });
        of_requests.chain((1..=trips).flat_map(Self::of_trip)).collect()
    }

    /// Whether it is among those that there is always time for: everything that can go wrong at each request,
    /// of which there are few, and one thing at each round trip, another at the next.
    pub fn is_in_turn(self) -> bool {
        match self {
            Self::Request { .. } => true,
            Self::Trip { nth, fault } => {
                let turn = usize::try_from(nth).unwrap() % TRIP_FAULTS.len();
                TRIP_FAULTS[turn].0 == fault
            }
        }
    }

    /// Everything that can go wrong at that round trip.
    pub fn of_trip(nth: u32) -> impl Iterator<Item = Self> {
        TRIP_FAULTS.into_iter().map(move |(fault, _)| Self::Trip { nth, fault })
    }

    /// Whether a run of so many requests and round trips met it.
    pub fn was_met(self, (requests, trips): (u32, u32)) -> bool {
        match self {
            Self::Request { nth, .. } => nth <= requests,
            Self::Trip { nth, .. } => nth <= trips,
        }
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, nth, name) = match self {
            Self::Request { nth, fault } => ("request", nth, named(&REQUEST_FAULTS, fault)),
            Self::Trip { nth, fault } => ("trip", nth, named(&TRIP_FAULTS, fault)),
        };
        write!(out, "{kind}:{nth}:{name}")
    }
}

fn named<T: PartialEq>(names: &[(T, &'static str)], wanted: &T) -> &'static str {
    names.iter().find(|(fault, _)| fault == wanted).map_or("", |(_, name)| *name)
}

impl FromStr for Crash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (kind, rest) = text.split_once(':')?;
            let (nth, name) = rest.split_once(':')?;
            let nth = nth.parse().ok()?;
            match kind {
                "request" => {
                    let (fault, _) =
                        REQUEST_FAULTS.into_iter().find(|(_, known)| *known == name)?;
                    Some(Self::Request { nth, fault })
                }
                "trip" => {
                    let (fault, _) = TRIP_FAULTS.into_iter().find(|(_, known)| *known == name)?;
                    Some(Self::Trip { nth, fault })
                }
                _ => None,
            }
        };
        read().ok_or_else(|| format!("{text} is no crash, such as trip:17:cut-after"))
    }
}

#[test]
fn every_crash_is_known_by_its_name() {
    let all = Crash::all((3, 4));
    assert_eq!(all.len(), 3 * REQUEST_FAULTS.len() + 4 * TRIP_FAULTS.len());
    for crash in all {
        assert_eq!(crash.to_string().parse(), Ok(crash));
        assert!(crash.was_met((3, 4)) && !crash.was_met((0, 0)), "{crash}");
    }
    for text in ["", "trip", "trip:x:fails", "trip:1:doubled", "page:1:fails"] {
        assert!(text.parse::<Crash>().is_err(), "{text}");
    }
}

#[test]
fn each_round_trip_has_its_turn_and_so_has_each_thing_that_can_go_wrong() {
    let turns: Vec<_> = Crash::all((2, 8)).into_iter().filter(|crash| crash.is_in_turn()).collect();
    assert_eq!(turns.len(), 2 * REQUEST_FAULTS.len() + 8);
    for (fault, name) in TRIP_FAULTS {
        let of = |crash: &&Crash| matches!(crash, Crash::Trip { fault: one, .. } if *one == fault);
        assert_eq!(turns.iter().filter(of).count(), 2, "{name}");
    }
}
