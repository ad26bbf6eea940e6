//! Every cause, brought about in world after world with other money on other days: is it seen, is it named with
//! its cents, and does what the answer says to do about it help?
//!
//! A world has a creator for each cause, named after it, and some to whom nothing was done. One diagnosis row by
//! row is asked about all of them; `summary_versus_rows` and `time_zone_edge` show only by totals and in a span
//! of days, so each of these creators is asked about once more. Then the calls that the answer names are made.
//! By totals all are asked about first: there a cause may be `unknown`, and must never be another one.
//!
//! What stands in the way of reading is put there at the simulated Fanvue, in the connections or by a process
//! that dies. No act of Heartbeat itself loses, doubles or changes what it holds, so these are done to the
//! database: as a fault of the service or an older system would have, the sum of a row with it, for `unknown`,
//! `page_edge_loss`, `duplicate_rows` and `currency`; without the row for `drifted_total` and `drifted_rollup`,
//! which is the day's sum, or in every other world those that are kept beside the days, of the creator and of
//! all; by hand, with or without its sum, for `manual_edit`. Of `wrong_endpoint` only the account that does not
//! manage the creator is here: rows of another account were read by older systems alone. Clocks of a world are
//! one, so for `clock_skew` it is the row that lies ahead; a clock that is behind is
//! `a_row_that_a_clock_behind_set_aside`.
//!
//! `HEARTBEAT_CONFUSIONS=100 cargo test --release --test it confusion` plays a hundred worlds.

mod acts;
mod cast;
mod dying;
mod losses;
mod mending;
mod play;
mod totals;

use std::collections::BTreeMap;

use ledger::diagnosis::Cause;
use serde_json::Value;

use self::play::{Case, Play};
use super::causes;

/// Worlds that `cargo test` plays.
const WORLDS: u64 = 2;

/// What totals leave out by definition is said beside whatever else there is, where only they were compared.
const BY_DEFINITION: &str = "summary_versus_rows";

#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
fn worlds() -> u64 {
    let given = std::env::var("HEARTBEAT_CONFUSIONS").ok();
    given.map_or(WORLDS, |text| text.parse().expect("HEARTBEAT_CONFUSIONS is a number"))
}

/// How often each cause was called what.
#[derive(Default)]
struct Matrix {
    named: BTreeMap<(String, String), u32>,
    cases: u32,
    right: u32,
    detected: u32,
    /// What remained has gone, or is so by what its cause says.
    ended: u32,
    /// Whatever was not as it has to be, for whoever looks for why.
    wrong: Vec<String>,
}

impl Matrix {
    fn count(&mut self, seed: u64, case: &Case, seen: &Seen) {
        self.cases += 1;
        let named = name(case, &seen.before);
        *self.named.entry((case.cause.to_owned(), named.clone())).or_default() += 1;
        for (is_so, count, what) in [
            (named == case.cause, &mut self.right, format!("named {named}: {}", seen.before)),
            (seen.is_detected(), &mut self.detected, format!("not seen: {}", seen.before)),
            (seen.has_ended(case), &mut self.ended, format!("remains: {}", seen.after)),
        ] {
            *count += u32::from(is_so);
            if !is_so {
                let (cause, cents) = (case.cause, case.cents);
                self.wrong.push(format!("world {seed}: {cause} of {cents} cents {what}"));
            }
        }
    }

    /// A row for each cause, with a column for what it was named. The last column is everything else.
    fn table(&self) -> String {
        let causes = Cause::ALL.map(Cause::as_str);
        let head: String = (1..=causes.len()).map(|n| format!("{n:>4}")).collect();
        let mut table = format!("{:24}{head}  else\n", "");
        for (n, cause) in causes.iter().enumerate() {
            let of = |named: &str| {
                let key = ((*cause).to_owned(), named.to_owned());
                self.named.get(&key).copied().unwrap_or(0)
            };
            let all: u32 = self
                .named
                .iter()
                .filter(|((one, _), _)| one == cause)
                .map(|(_, count)| count)
                .sum();
            let known: u32 = causes.iter().map(|named| of(named)).sum();
            let show = |count: u32| if count == 0 { ".".to_owned() } else { count.to_string() };
            let counts: String =
                causes.iter().map(|named| format!("{:>4}", show(of(named)))).collect();
            table += &format!("{:>2} {cause:21}{counts}{:>6}\n", n + 1, show(all - known));
        }
        table
    }
}

/// What was said of a case before and after what the answer named was done.
struct Seen {
    before: Value,
    after: Value,
    /// What the creator has really earned at the end.
    truth: i64,
    /// Whether reading again, where that alone was named, brought all that was missing.
    was_read: bool,
}

impl Seen {
    fn is_detected(&self) -> bool {
        self.before["result"] != "match"
    }

    /// Whether all agree with what was earned, or whatever is said to remain is what was done, with its proof.
    fn has_ended(&self, case: &Case) -> bool {
        let after = &self.after;
        let is_same = |name: &str| after[name]["cents"] == self.truth;
        if !case.remains() {
            let figures = ["shown", "rollup", "ledger", "fanvue"];
            let is_repaired = after["result"] == "match" && figures.into_iter().all(is_same);
            return is_repaired && self.was_read;
        }
        let parts = super::parts(after);
        let is_proved = |part: &&Value| {
            let figures = part["figures"].as_object().unwrap().len();
            0 < figures + part["rows"].as_array().unwrap().len()
        };
        causes(after) == [(case.cause.to_owned(), case.cents)] && parts.iter().all(is_proved)
    }
}

/// What the answer calls it: the one cause with its cents, or what is said in its place.
fn name(case: &Case, creator: &Value) -> String {
    let by_total = creator["daysByTotal"].as_u64().unwrap_or(0);
    let is_beside = |cause: &str| cause == BY_DEFINITION && cause != case.cause && 0 < by_total;
    let found: Vec<_> =
        causes(creator).into_iter().filter(|(cause, _)| !is_beside(cause)).collect();
    match &found[..] {
        [] => "nothing".to_owned(),
        [(cause, cents)] if *cents == case.cents && case.is_shown_by(creator) => cause.clone(),
        other => other
            .iter()
            .map(|(cause, cents)| format!("{cause} {cents}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[tokio::test]
async fn every_cause_is_seen_named_and_ended() {
    let (worlds, mut matrix, mut by_totals) = (worlds(), Matrix::default(), vec![]);
    for seed in 1..=worlds {
        let mut play = Play::stage(seed).await;
        by_totals.extend(play.wrong_by_totals(seed).await);
        let before = play.ask_all().await;
        play.assert_others_agree(&before);
        let own_before = play.ask_own_questions().await;
        let unread = play.mend(&before).await;
        let after = play.ask_all().await;
        play.assert_others_agree(&after);
        let own_after = play.ask_own_questions().await;
        for case in &play.cases {
            let of = |all: &Value, own: &BTreeMap<&str, Value>| {
                own.get(case.cause).cloned().unwrap_or_else(|| play.said_of(all, case.cause))
            };
            let seen = Seen {
                before: of(&before, &own_before),
                after: of(&after, &own_after),
                truth: play.earned(case.cause),
                was_read: !unread.contains(case.cause),
            };
            matrix.count(seed, case, &seen);
        }
    }
    let Matrix { cases, right, detected, ended, .. } = matrix;
    println!("{}", matrix.table());
    println!(
        "confusion: {worlds} seeds, {cases} cases, {right} named right, {detected} detected, {ended} repaired \
         or explained"
    );
    assert!(by_totals.is_empty(), "{}", by_totals.join("\n"));
    let wrong = matrix.wrong.join("\n");
    assert_eq!(u64::from(cases), worlds * Cause::ALL.len() as u64, "a cause is not brought about");
    assert_eq!((detected, ended), (cases, cases), "{wrong}");
    assert!(99 * cases <= 100 * right, "{wrong}");
}
