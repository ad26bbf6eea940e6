//! The words of `heartbeat diagnose`.

use clap::Args;
use uuid::Uuid;

/// Options of `heartbeat diagnose`.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// The agency's id; not needed where there is only one.
    #[arg(long)]
    pub agency: Option<Uuid>,
    /// One creator by id, or those whose name holds this; left out, all.
    #[arg(long)]
    pub model: Option<String>,
    /// Compare Fanvue's totals by day, or its rows as well.
    #[arg(long, default_value = "totals", value_parser = ["totals", "rows"])]
    pub depth: String,
    /// Only these days, as the dashboard takes them, such as 7d; left out, all days and the running total.
    #[arg(long, conflicts_with_all = ["start_date", "end_date"])]
    pub time_range: Option<String>,
    /// The first day, with --end-date.
    #[arg(long, requires = "end_date")]
    pub start_date: Option<String>,
    /// The last day.
    #[arg(long, requires = "start_date")]
    pub end_date: Option<String>,
    /// Show the answer of the endpoint instead of a table.
    #[arg(long)]
    pub json: bool,
}
