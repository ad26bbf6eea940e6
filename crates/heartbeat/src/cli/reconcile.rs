//! The words of `heartbeat reconcile` and `heartbeat repairs`.

use clap::Args;
use uuid::Uuid;

/// Options of `heartbeat reconcile`.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// Also what was compared in this night already.
    #[arg(long)]
    pub again: bool,
}

/// Options of `heartbeat repairs`.
#[derive(Debug, Args)]
pub struct RepairsArgs {
    /// The agency's id; not needed where there is only one.
    #[arg(long)]
    pub agency: Option<Uuid>,
    /// One creator, by id.
    #[arg(long)]
    pub model: Option<Uuid>,
    /// Receipts of a page, from 1 to 200.
    #[arg(long, default_value = "50")]
    pub limit: String,
    /// The page after another one, as its last line names it.
    #[arg(long)]
    pub cursor: Option<String>,
}
