//! A diagnosis as it is shown: figures for programs, and one sentence for people.

mod message;
mod part;

use jiff::{Timestamp, civil::Date};
use ledger::{
    AgencyId, Cents, ConnectionId, CreatorId,
    diagnosis::{Diagnosis, PlatformDay, Remedy, Sum},
};
use serde::Serialize;
use store::AskedAbout;

use self::{message::message, part::Part};
use super::{
    Span,
    gathering::{Subject, Way},
};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DiagnosisDepth"))]
#[serde(rename_all = "camelCase")]
pub enum Depth {
    /// Fanvue's totals by creator and UTC day, in which reversals are not.
    Totals,
    /// Its rows as well.
    Rows,
}

impl Depth {
    /// The names in a question.
    #[cfg(feature = "openapi")]
    pub(crate) const NAMES: [&str; 2] = ["totals", "rows"];

    /// The depth of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "totals" => Some(Self::Totals),
            "rows" => Some(Self::Rows),
            _ => None,
        }
    }
}

/// How a creator's figures compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DiagnosisResult"))]
#[serde(rename_all = "camelCase")]
enum Outcome {
    /// All agree to the cent, as far as what was compared tells.
    Match,
    /// Nothing differs by Fanvue's totals; its rows were asked for and not all compared.
    Partly,
    /// They differ as they must by definition.
    Explained,
    /// They differ.
    Mismatch,
    /// Fanvue could not be asked.
    CannotCheck,
}

/// An amount and how many rows it is of.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DiagnosisSum"))]
#[serde(rename_all = "camelCase")]
struct Amount {
    /// Gross, in US cents.
    cents: Cents,
    /// Rows; null where only their total is known.
    rows: Option<i64>,
}

impl From<Sum> for Amount {
    fn from(sum: Sum) -> Self {
        Self { cents: sum.cents, rows: Some(sum.rows) }
    }
}

/// The days that were asked for, in the agency's zone; both ends are in.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DiagnosisDays"))]
#[serde(rename_all = "camelCase")]
struct Shown {
    start_date: Date,
    end_date: Date,
}

/// What was asked of Fanvue, and when.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DiagnosisAsking"))]
#[serde(rename_all = "camelCase")]
pub(super) struct Asking {
    /// What Fanvue says is of this instant; so is everything else.
    pub(super) at: Timestamp,
    /// Requests that it took.
    pub(super) requests: u32,
    /// The most that one diagnosis sends.
    pub(super) requests_max: u32,
}

/// Why what is shown is not what Fanvue says.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "RevenueDiagnosis")
)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosed<'a> {
    agency_id: AgencyId,
    depth: Depth,
    /// Null where all days are meant, the running total with them.
    days: Option<Shown>,
    asked: Asking,
    /// What is shown of all of them.
    shown: Amount,
    /// What Fanvue says of all of them; null where it was not heard of everybody.
    fanvue: Option<Amount>,
    /// What is shown too much, negative for what is missing, as far as Fanvue was heard.
    difference_cents: Cents,
    /// Every creator who was asked about, by name.
    creators: Vec<Creator<'a>>,
}

/// A creator's figures beside each other.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "CreatorDiagnosis")
)]
#[serde(rename_all = "camelCase")]
struct Creator<'a> {
    model_id: CreatorId,
    name: &'a str,
    result: Outcome,
    /// The same in words.
    message: String,
    /// What people see: the total, or the days' sums, with what only webhooks told of.
    shown: Amount,
    /// The days' sums.
    rollup: Amount,
    /// The rows of the same days.
    ledger: Amount,
    /// What Fanvue says; null where it was not heard of every day.
    fanvue: Option<Amount>,
    /// UTC days whose totals were compared.
    days_by_total: usize,
    /// UTC days whose rows were compared.
    days_by_row: usize,
    /// What is shown too much, negative for what is missing, as far as Fanvue was heard.
    difference_cents: Cents,
    /// Why. They add up to the difference.
    differences: Vec<Part>,
}

/// Who it is about, as far as the answer says it.
pub(super) struct About<'a> {
    creator: CreatorId,
    name: &'a str,
    connection: Option<ConnectionId>,
    rollup: Sum,
    ledger: Sum,
    days_by_total: usize,
    days_by_row: usize,
    is_heard: bool,
    pub(super) is_readable: bool,
    pub(super) has_drifted_sums: bool,
}

impl<'a> About<'a> {
    pub(super) fn of(about: &'a AskedAbout, subject: &Subject) -> Self {
        let days = &subject.facts.days;
        let count = |is_it: fn(&PlatformDay) -> bool| {
            days.iter().filter(|day| is_it(&day.platform)).count()
        };
        Self {
            creator: about.creator,
            name: &about.name,
            connection: subject.connection,
            rollup: subject.facts.rollup,
            ledger: subject.facts.ledger,
            days_by_total: count(|day| matches!(day, PlatformDay::Total { .. })),
            days_by_row: count(|day| matches!(day, PlatformDay::Rows { .. })),
            is_heard: subject.facts.unheard.is_none(),
            is_readable: !matches!(subject.way, Way::Closed),
            has_drifted_sums: !subject.facts.sums.is_empty(),
        }
    }
}

impl<'a> Diagnosed<'a> {
    pub(super) fn of(
        agency_id: AgencyId,
        (depth, days): (Depth, Span),
        asked: Asking,
        diagnoses: Vec<(About<'a>, Diagnosis)>,
    ) -> Self {
        let shown: Sum = diagnoses.iter().map(|(_, one)| one.shown).sum();
        let difference_cents = diagnoses.iter().map(|(_, one)| one.difference).sum();
        let heard: Option<Vec<Amount>> = diagnoses.iter().map(|(_, one)| fanvue(one)).collect();
        Self {
            agency_id,
            depth,
            days: days.map(|days| Shown { start_date: days.first(), end_date: days.last() }),
            asked,
            shown: shown.into(),
            fanvue: heard.map(|all| Amount {
                cents: all.iter().map(|one| one.cents).sum(),
                rows: all.iter().map(|one| one.rows).sum(),
            }),
            difference_cents,
            creators: diagnoses.into_iter().map(|(about, one)| creator(about, one)).collect(),
        }
    }
}

fn fanvue(diagnosis: &Diagnosis) -> Option<Amount> {
    diagnosis.platform.map(|cents| Amount { cents, rows: diagnosis.platform_rows })
}

fn creator(about: About<'_>, diagnosis: Diagnosis) -> Creator<'_> {
    let result = outcome(about.is_heard, &diagnosis);
    Creator {
        model_id: about.creator,
        name: about.name,
        result,
        message: message(result, 0 < about.days_by_total, &diagnosis),
        shown: diagnosis.shown.into(),
        rollup: about.rollup.into(),
        ledger: about.ledger.into(),
        fanvue: fanvue(&diagnosis),
        days_by_total: about.days_by_total,
        days_by_row: about.days_by_row,
        difference_cents: diagnosis.difference,
        differences: diagnosis
            .parts
            .into_iter()
            .map(|part| Part::of(part, about.creator, about.connection))
            .collect(),
    }
}

fn outcome(is_heard: bool, diagnosis: &Diagnosis) -> Outcome {
    let mut told = diagnosis.parts.iter().filter(|part| !part.is_unheard());
    if !is_heard {
        Outcome::CannotCheck
    } else if told.any(|part| part.remedy != Remedy::Nothing) {
        Outcome::Mismatch
    } else if diagnosis.is_partly {
        Outcome::Partly
    } else if diagnosis.parts.is_empty() {
        Outcome::Match
    } else {
        Outcome::Explained
    }
}
