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
}
