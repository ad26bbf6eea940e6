//! The words of `heartbeat doctor`.

use std::path::PathBuf;

use clap::Args;

/// Options of `heartbeat doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Ask nobody but the database: neither Fanvue nor the deployment itself.
    #[arg(long)]
    pub offline: bool,
    /// Say it as JSON, every check with what it came to.
    #[arg(long)]
    pub json: bool,
    /// Show the checks that found nothing as well.
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Folder of the deployment, whose vercel.json is compared with the schedules of this build.
    #[arg(long)]
    pub dir: Option<PathBuf>,
}
