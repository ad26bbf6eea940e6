//! Whether what is shown follows from the ledger, and what is counted nowhere.

use crate::doctor::{
    Facts,
    check::{Check, Group, Outcome, fault_if, from, warning_if},
};

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Work, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "sums-drift",
        "the dashboard shows other money, or other fans, than the ledger holds",
        "heartbeat reconcile --again mends them, and reads the rows before it lowers anything; heartbeat rollups check names them",
        |facts| {
            from(&facts.database.drifts, |count| {
                fault_if(*count > 0, || format!("{count} sums do not follow from the ledger"))
            })
        },
    ),
    check(
        "rejects",
        "rows of Fanvue's feed could not be read: their money is in no total",
        "look at their reasons: docs/operations.md, Rejects",
        |facts| {
            from(&facts.database.money, |money| {
                fault_if(money.rejects > 0, || format!("{} rows", money.rejects))
            })
        },
    ),
    check(
        "sales-unmatched",
        "a webhook told of sales that the feed never showed: they count no more",
        "compare them with Fanvue's own page: docs/operations.md, Webhooks",
        |facts| {
            from(&facts.database.events, |events| {
                warning_if(events.unmatched > 0, || {
                    format!("{} sales of the last week", events.unmatched)
                })
            })
        },
    ),
];
