//! The same worlds by totals alone: every difference is seen, and no cause but the right one is named.

use serde_json::Value;

use super::{
    BY_DEFINITION,
    play::{Case, Play},
};
use crate::diagnosing::causes;

/// What is said where no figure proves a cause.
const UNKNOWN: &str = "unknown";

/// Fanvue's totals leave reversals out, so they agree where one is missing. The answer says so.
const LEFT_OUT: &str = "reversal_not_seen";

/// What is missing of a history holds reversals, too.
const WITH_REVERSALS: &str = "backfill_unfinished";

impl Play {
    /// What is wrong with what totals are said to tell.
    pub(super) async fn wrong_by_totals(&self, seed: u64) -> Vec<String> {
        let all = self.ask("depth=totals").await;
        let mut wrong = vec![];
        for case in &self.cases {
            let own = match &case.question {
                Some(question) => {
                    let question = question.replace("depth=rows", "depth=totals");
                    self.ask(&question).await["creators"][0].take()
                }
                None => self.said_of(&all, case.cause),
            };
            if let Err(what) = check(case, &own) {
                wrong.push(format!("world {seed}, by totals: {} {what}: {own}", case.cause));
            }
        }
        for creator in all["creators"].as_array().unwrap() {
            let name = creator["name"].as_str().unwrap();
            let is_control = !self.cases.iter().any(|case| case.cause == name);
            let is_said =
                ["match", "explained", "cannotCheck"].iter().any(|it| creator["result"] == *it);
            if is_control && !is_said {
                wrong.push(format!("world {seed}, by totals: nothing was done to {creator}"));
            }
        }
        wrong
    }
}

fn check(case: &Case, creator: &Value) -> Result<(), String> {
    if case.cause == LEFT_OUT {
        let is_silent = ["match", "explained"].iter().any(|it| creator["result"] == *it);
        let mut named = causes(creator).into_iter().map(|(cause, _)| cause);
        let is_modest = named.all(|cause| cause == BY_DEFINITION);
        return (is_silent && is_modest).then_some(()).ok_or("is claimed to be".to_owned());
    }
    if creator["result"] == "match" {
        return Err("is not seen".to_owned());
    }
    let found: Vec<_> = causes(creator)
        .into_iter()
        .filter(|(cause, _)| cause != BY_DEFINITION || case.cause == BY_DEFINITION)
        .collect();
    if found.is_empty() {
        return Err("is not seen".to_owned());
    }
    if let Some((other, _)) =
        found.iter().find(|(cause, _)| cause != case.cause && cause != UNKNOWN)
    {
        return Err(format!("is called {other}"));
    }
    // Of whom there are no totals nothing is claimed.
    let cents: i64 = found.iter().map(|(_, cents)| cents).sum();
    let is_whole = creator["result"] != "cannotCheck" && case.cause != WITH_REVERSALS;
    if is_whole && cents != case.cents {
        return Err(format!("of {} cents is called {cents}", case.cents));
    }
    Ok(())
}
