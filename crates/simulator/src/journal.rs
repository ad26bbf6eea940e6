//! The world's memory on disk: its options, then every call that changed what must survive.
//!
//! Only causes are written, never rows: the same calls at the same instants make the same world.
//! Faults, counters, rate buckets and webhooks on their way are deliberately forgotten.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Options, api::webhooks::Wanted, row::Millis};

/// An open journal, locked against a second writer.
#[derive(Debug)]
pub(crate) struct Journal(File);

/// One call that changed the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The time that was handed in, before the world's offset.
    pub(crate) now: Millis,
    /// How far live time had been drawn when the call came.
    pub(crate) minute: i64,
    #[serde(flatten)]
    pub(crate) cause: Cause,
}

/// What was called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Cause {
    /// `POST /sim/…`: the path after `/sim/` and the body.
    Control(String, Value),
    /// `GET /oauth2/auth` with that query.
    Authorize(Vec<(String, String)>),
    /// `POST /oauth2/token` of an authenticated client, its form without the client's secret.
    Token(Vec<(String, String)>),
    /// `POST /webhooks/subscriptions` that succeeded.
    Subscribe(Wanted),
    /// `DELETE /webhooks/subscriptions/{id}` that succeeded.
    Unsubscribe(String),
}

#[derive(Serialize, Deserialize)]
struct Head {
    simulator: u32,
    options: Options,
}

/// The version of this file format.
const VERSION: u32 = 1;

impl Journal {
    /// Opens or begins a journal. Answers the options it was begun with and the calls so far.
    pub(crate) fn open(
        path: &Path,
        options: Options,
    ) -> io::Result<(Journal, Options, Vec<Entry>)> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // A line torn by a crash was never answered, so it may go.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut journal = Journal(file);
        let mut lines = text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let Some(head) = lines.next() else {
            journal.write(&Head { simulator: VERSION, options: options.clone() })?;
            return Ok((journal, options, Vec::new()));
        };
        let head: Head = serde_json::from_slice(head)?;
        if head.simulator != VERSION {
            let text = format!("journal format {} is not known", head.simulator);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let entries = lines.map(serde_json::from_slice).collect::<Result<_, _>>()?;
        // The port may have changed since; everything else is as it was.
        let options = Options { base_url: options.base_url, ..head.options };
        Ok((journal, options, entries))
    }

    /// Writes one call down. It survives the end of this process once this returns.
    pub(crate) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        self.write(entry)
    }

    fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.0.write_all(&bytes)
    }
}
