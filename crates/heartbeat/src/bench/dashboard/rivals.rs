//! What answers stand beside, asked of the same databases: a round trip that asks for nothing, and the same
//! sums made from the ledger's rows, as they would be without sums that are kept.

use store::admin::Session;

use super::NOW;
use crate::{
    Failure,
    bench::{books, limits, timings::Timings},
    wall,
};

/// Agencies whose rows are summed, one after the other; before that once, so that their pages are in memory.
const AGENCIES: u32 = 4;
const SUMMED: u32 = 3 * AGENCIES;

/// How long they took.
#[derive(Clone, Debug, Default)]
pub(super) struct Rivals {
    pub(super) round_trip: Timings,
    /// By day and source: the rows of 30 days, and all.
    pub(super) month: Timings,
    pub(super) all: Timings,
}

/// Asks a database of one size.
pub(super) async fn measure(url: &str) -> Result<Rivals, Failure> {
    let failed = "the ledger's rows can't be summed";
    let session = Session::open(url).await.map_err(Failure::while_doing(failed))?;
    let mut rivals = Rivals { round_trip: limits::round_trips(url).await?, ..Rivals::default() };
    for turn in 0..AGENCIES + SUMMED {
        for (since, timings) in [
            (
                format!("and transaction_date >= timestamptz '{NOW}' - interval '30 days'"),
                &mut rivals.month,
            ),
            (String::new(), &mut rivals.all),
        ] {
            let sql = sum(turn % AGENCIES, &since);
            let began = wall::instant();
            session.run(&sql).await.map_err(Failure::while_doing(failed))?;
            if AGENCIES <= turn {
                timings.push(began.elapsed());
            }
        }
    }
    Ok(rivals)
}

/// Answers one row, so that sending them costs nothing.
fn sum(agency: u32, since: &str) -> String {
    format!(
        "select count(*), sum(gross), sum(net), sum(number)
           from (select (transaction_date at time zone '{}')::date as day, transaction_type,
                        sum(amount_cents) as gross, sum(net_cents) as net, count(*) as number
                   from fanvue_transactions
                  where agency_id = '{}' {since} group by 1, 2) as days",
        books::ZONE,
        books::agency(agency),
    )
}
