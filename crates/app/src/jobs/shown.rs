//! A job as it is shown: numbers for programs, and one sentence for people.

use jiff::Timestamp;
use ledger::{AgencyId, Cents, CreatorId};
use serde::Serialize;
use store::{BudgetStanding, Job, JobCreator};
use uuid::Uuid;

use super::{
    absence,
    progress::{eta_seconds, percent, state},
};

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "JobState"))]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Nothing was read yet; the next tick begins.
    Queued,
    /// It is being read, or the next tick goes on.
    Running,
    /// Fanvue asked us to wait until `pausedUntil`.
    Paused,
    /// All of it was read to the end.
    Done,
    /// Some of it was read to the end, and nobody can read the rest; `reason` says why.
    Partly,
    /// Nobody can read any of it; `reason` says why.
    Failed,
}

/// How a creator in a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "JobCreatorState"))]
#[serde(rename_all = "camelCase")]
pub(crate) enum PartState {
    /// The next tick reads it.
    Queued,
    /// It is being read.
    Reading,
    /// Fanvue asked us to wait.
    Paused,
    /// The last attempt failed; it is tried again.
    Retrying,
    /// Read to the end.
    Done,
    /// Set aside after repeated refusals.
    Parked,
    /// Nothing can be read before a person reconnects.
    Disconnected,
}

/// A job.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Job"))]
#[serde(rename_all = "camelCase")]
pub struct JobView<'a> {
    id: Uuid,
    agency_id: AgencyId,
    /// The creator that was asked for; null for all of the agency's.
    model_id: Option<CreatorId>,
    /// The user who asked; null for the operator.
    asked_by: Option<Uuid>,
    /// How it stands.
    pub state: State,
    /// The same for a person.
    pub message: String,
    /// How much of it was read: 100 where nothing is left, and then only. Never falls.
    percent: i64,
    /// Seconds until it is done, where that can be told.
    eta_seconds: Option<i64>,
    /// When it goes on, while Fanvue lets nobody read.
    paused_until: Option<Timestamp>,
    /// Why it ended before all was read.
    reason: Option<String>,
    creators_done: usize,
    creators_total: usize,
    /// Rows read.
    rows: i64,
    /// Rows that were not in the ledger before.
    new_rows: i64,
    /// What these changed, reversals subtracted, in US cents.
    added_cents: Cents,
    pages: i64,
    requests: i64,
    begun_at: Timestamp,
    ended_at: Option<Timestamp>,
    /// Every creator in it, by name. In a list only the one that was asked for.
    creators: Vec<PartView<'a>>,
}

/// A creator in a job.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "JobCreator"))]
#[serde(rename_all = "camelCase")]
struct PartView<'a> {
    model_id: CreatorId,
    name: &'a str,
    state: PartState,
    percent: i32,
    rows: i64,
    new_rows: i64,
    added_cents: Cents,
    pages: i64,
    requests: i64,
    paused_until: Option<Timestamp>,
    /// Why it can't be read, or why the last attempt failed.
    reason: Option<&'a str>,
    ended_at: Option<Timestamp>,
}

impl PartState {
    pub(super) fn of(one: &JobCreator, now: Timestamp) -> Self {
        let is_ahead = |at: Option<Timestamp>| at.is_some_and(|at| now < at);
        match one.outcome.as_deref() {
            Some("done") => return Self::Done,
            Some("parked") => return Self::Parked,
            Some(_) => return Self::Disconnected,
            None => {}
        }
        if !one.is_connected {
            Self::Disconnected
        } else if one.parked_at.is_some() {
            Self::Parked
        } else if is_ahead(one.lease_expires_at) {
            Self::Reading
        } else if is_ahead(one.paused_until) {
            Self::Paused
        } else if one.reason.is_some() {
            Self::Retrying
        } else {
            Self::Queued
        }
    }
}

impl<'a> JobView<'a> {
    /// The job as it stands at `now`, with the budgets of its agency.
    #[must_use]
    pub fn of(job: &'a Job, budgets: &[BudgetStanding], now: Timestamp) -> Self {
        let parts = &job.creators;
        let states: Vec<_> = parts.iter().map(|one| PartState::of(one, now)).collect();
        let has_read = parts.iter().any(|one| one.first_read_at.is_some());
        let state = state(&states, has_read);
        let is_over = matches!(state, State::Done | State::Partly | State::Failed);
        let ended: Option<Vec<_>> = parts.iter().map(|one| one.ended_at).collect();
        let paused = parts.iter().filter_map(|one| one.paused_until).filter(|until| now < *until);
        let reason = stuck(parts, &states);
        let mut view = Self {
            id: job.id,
            agency_id: job.agency,
            model_id: job.creator,
            asked_by: job.asked_by.map(|user| user.0),
            state,
            message: String::new(),
            percent: percent(job),
            eta_seconds: if is_over { None } else { eta_seconds(job, budgets, now) },
            paused_until: paused.min().filter(|_| state == State::Paused),
            reason: reason.filter(|_| is_over),
            creators_done: states.iter().filter(|one| **one == PartState::Done).count(),
            creators_total: parts.len(),
            rows: parts.iter().map(|one| one.rows).sum(),
            new_rows: parts.iter().map(|one| one.added).sum(),
            added_cents: Cents(parts.iter().map(|one| one.added_cents).sum()),
            pages: parts.iter().map(|one| one.pages).sum(),
            requests: parts.iter().map(|one| one.requests).sum(),
            begun_at: job.begun_at,
            ended_at: ended.and_then(|all| all.into_iter().max()),
            creators: parts.iter().zip(&states).map(|(one, state)| part(one, *state)).collect(),
        };
        view.message = view.said(now);
        if matches!(state, State::Done | State::Partly) {
            view.message.push_str(&absence::said(parts));
        }
        view
    }

    /// The same as one of a list: with the creator that was asked for alone, or the part of `creator`. All
    /// creators of many jobs are more than a platform sends in one answer.
    #[must_use]
    pub fn listed(
        job: &'a Job,
        budgets: &[BudgetStanding],
        now: Timestamp,
        creator: Option<CreatorId>,
    ) -> Self {
        let mut view = Self::of(job, budgets, now);
        let wanted = creator.or(job.creator);
        view.creators.retain(|one| Some(one.model_id) == wanted);
        view
    }

    /// What a person is told.
    fn said(&self, now: Timestamp) -> String {
        let (done, total) = (self.creators_done, self.creators_total);
        let reading = self.creators.iter().find(|one| one.state == PartState::Reading);
        match self.state {
            State::Queued => "Waiting for the next tick, which begins to read".to_owned(),
            State::Running => {
                let name = reading.map_or("on", |one| one.name);
                format!("Reading {name} · {done} of {total} creators · {} new", self.new_rows)
            }
            State::Paused => {
                let until = self.paused_until.unwrap_or(now);
                let seconds = until.duration_since(now).as_secs().max(1);
                format!("Fanvue asked us to slow down. Continuing in {seconds} s.")
            }
            State::Done if self.new_rows == 0 => "Sync finished · nothing new".to_owned(),
            State::Done if self.new_rows == 1 => "Sync finished · 1 new transaction".to_owned(),
            State::Done => format!("Sync finished · {} new transactions", self.new_rows),
            State::Partly | State::Failed => {
                let reason = self.reason.as_deref().unwrap_or_default();
                format!("{done} of {total} creators synced. {reason}.")
            }
        }
    }
}

/// Who can't be read, and why.
fn stuck(parts: &[JobCreator], states: &[PartState]) -> Option<String> {
    let is_stuck = |state: PartState| matches!(state, PartState::Parked | PartState::Disconnected);
    let mut all = parts.iter().zip(states).filter(|(_, state)| is_stuck(**state));
    let (first, state) = all.next()?;
    let why = match state {
        PartState::Parked => first.reason.as_deref().unwrap_or("was refused and is set aside"),
        _ => super::UNREADABLE,
    };
    let others = all.count();
    let and = if others == 0 { String::new() } else { format!("; {others} more can't be read") };
    let colon = if *state == PartState::Parked { ":" } else { "" };
    Some(format!("{}{colon} {why}{and}", first.name))
}

fn part(one: &JobCreator, state: PartState) -> PartView<'_> {
    PartView {
        model_id: one.creator,
        name: &one.name,
        state,
        percent: one.per_mille / 10,
        rows: one.rows,
        new_rows: one.added,
        added_cents: Cents(one.added_cents),
        pages: one.pages,
        requests: one.requests,
        paused_until: one.paused_until.filter(|_| state == PartState::Paused),
        reason: one.reason.as_deref(),
        ended_at: one.ended_at,
    }
}
