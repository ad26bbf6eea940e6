//! What the disk itself needs: one block written in place and flushed, as PostgreSQL flushes a commit.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use tokio::task::spawn_blocking;

use crate::{Failure, bench::timings::Timings, wall};

/// A page of PostgreSQL's log.
const BLOCK_BYTES: usize = 8192;
const BLOCKS: usize = 128;

/// Flushes so many blocks in a file of its own in that folder, one after the other.
pub(super) async fn measure(folder: &Path, flushes: usize) -> Result<Timings, Failure> {
    let path = folder.join(format!("flush-{}", std::process::id()));
    let failed = "the disk's flush can't be measured";
    let measured = spawn_blocking(move || in_file(path, flushes)).await;
    measured.map_err(Failure::while_doing(failed))?.map_err(Failure::while_doing(failed))
}

fn in_file(path: PathBuf, flushes: usize) -> io::Result<Timings> {
    // It must not exist: nobody can have put a link there.
    let file = File::options().write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)?;
    let block = [0x5a; BLOCK_BYTES];
    let write = |number: usize| file.write_all_at(&block, (number % BLOCKS * BLOCK_BYTES) as u64);
    // The file has its size before anything is measured, like a recycled segment of the log.
    (0..BLOCKS).try_for_each(write)?;
    file.sync_all()?;
    let mut timings = Timings::default();
    for number in 0..flushes {
        let began = wall::instant();
        write(number)?;
        file.sync_data()?;
        timings.push(began.elapsed());
    }
    Ok(timings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_left_in_the_folder() {
        let folder = std::env::temp_dir().join(format!("flushes-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(measure(&folder, 3).await.unwrap().count(), 3);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir(&folder).unwrap();
    }
}
