//! Whose figures are made anew, and the statements that do it.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::sql::{DAYS, HOLD_SUMS, TOTALS, sums_of_all, sums_of_creators};

/// Creators of an agency.
pub(super) enum Whose {
    /// These.
    Only(Vec<Uuid>),
    /// All but these.
    But(Vec<Uuid>),
}

impl Whose {
    pub(super) fn only(creators: &[CreatorId]) -> Self {
        Self::Only(creators.iter().map(|creator| creator.0).collect())
    }

    pub(super) fn but(creators: &[CreatorId]) -> Self {
        Self::But(creators.iter().map(|creator| creator.0).collect())
    }

    pub(super) fn ids(&self) -> &Vec<Uuid> {
        match self {
            Self::Only(ids) | Self::But(ids) => ids,
        }
    }

    /// A statement about them, with their ids as `$2`: written out, so that a few are found by index.
    pub(super) fn of(&self, sql: &str, column: &str) -> String {
        let whose = match self {
            Self::Only(_) => format!("{column} = any($2::uuid[])"),
            Self::But(_) => format!("{column} <> all($2::uuid[])"),
        };
        sql.replace("$WHOSE", &whose)
    }
}

/// The statements that make days, totals and sums of creators anew, with their parameters.
pub(crate) struct Anew {
    days: String,
    totals: String,
    sums: String,
    sums_of_all: String,
    agency: Uuid,
    whose: Whose,
    now: Timestamp,
    asked: &'static str,
    jobs: Option<Vec<Uuid>>,
}

impl Anew {
    /// Of creators all of whose rows Fanvue was asked for. Given the jobs that end with it, sums of all
    /// creators together are made anew at the end of the last part of one.
    pub(crate) fn of_creators(
        agency: AgencyId,
        creators: &[CreatorId],
        jobs: Option<&[Uuid]>,
        now: Timestamp,
    ) -> Self {
        let jobs = jobs.map(<[Uuid]>::to_vec);
        Self { jobs, ..Self::of(agency, Whose::only(creators), "rows", now) }
    }

    pub(super) fn of(agency: AgencyId, whose: Whose, asked: &'static str, now: Timestamp) -> Self {
        Self {
            days: whose.of(DAYS, "t.model_id"),
            totals: whose.of(TOTALS, "t.id"),
            sums: sums_of_creators(),
            sums_of_all: sums_of_all(),
            agency: agency.0,
            whose,
            now,
            asked,
            jobs: None,
        }
    }

    /// The days' first: the totals are what they add up to.
    pub(super) fn money(&self) -> [(&'static str, &str); 2] {
        [("rebuild_days", &self.days), ("rebuild_totals", &self.totals)]
    }

    /// Only who holds the agency's sums may compare them with the days and write them.
    pub(super) fn sums(&self) -> [(&'static str, &str); 3] {
        [
            ("hold_sums", HOLD_SUMS),
            ("rebuild_sums_of_creators", &self.sums),
            ("rebuild_sums_of_all", &self.sums_of_all),
        ]
    }

    /// All of them, in the order in which everybody locks.
    pub(crate) fn statements(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.money().into_iter().chain(self.sums())
    }

    pub(crate) fn params(&self) -> [(&(dyn ToSql + Sync), Type); 5] {
        [
            (&self.agency, Type::UUID),
            (self.whose.ids(), Type::UUID_ARRAY),
            (&self.now, Type::TIMESTAMPTZ),
            (&self.asked, Type::TEXT),
            (&self.jobs, Type::UUID_ARRAY),
        ]
    }
}
