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
}
