//! Storing pages with how far they bring the stream: together, or not at all.

use std::mem;

use jiff::{SignedDuration, Timestamp};
use ledger::{
    Books, Cents, Changes, Earning, OpenWindow, Reject, Window, day_deltas, fan_deltas, unproven,
};
use sha2::{Digest, Sha256};
use store::{Counts, LockedBooks, Progress, Tx};
use uuid::Uuid;

use super::{CreatorReader, EARNINGS_EVERY_SECONDS, LEASE_SECONDS, Stop, pieces::doubt_absent};
use crate::{Error, http::chain, webhooks::place_beside};

/// Pages that were read and not yet committed.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) pages: Vec<Vec<Earning>>,
    pub(super) rejects: Vec<Reject>,
    pub(super) rows: usize,
    /// The window of which `pages` are pages, as it stood before the first of them; `None` when they
    /// are of several.
    pub(super) begun: Option<OpenWindow>,
    /// The window of which `pages` are one complete read, begun and ended here.
    pub(super) complete: Option<Window>,
    /// Histories, or halves of one, that were read to their end, by these pages and those before them, and
    /// how many rows they showed.
    pub(super) closed: Vec<(Window, usize)>,
    /// The windows of the proof and of the history that pages are of, whichever came last.
    pub(super) proof: Option<Window>,
    pub(super) is_history: bool,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Whether the next page of `open` follows the last one that is pending.
    pub(super) fn goes_on_with(&self, open: &OpenWindow) -> bool {
        self.begun.as_ref().is_some_and(|begun| {
            (begun.window, begun.feed, begun.purpose) == (open.window, open.feed, open.purpose)
                && begun.pass.pages as usize + self.pages.len() == open.pass.pages as usize
        })
    }

    /// Whether what is pending has receipts of another window than `open`, or none where that has.
    pub(super) fn is_apart(&self, open: &OpenWindow) -> bool {
        self.proof != open.is_proof().then_some(open.window)
    }

    /// What the commit is called: who changes money is written down by it.
    fn name(&self) -> &'static str {
        match self.proof {
            Some(_) => "book_proof",
            None if self.is_history => "book_history",
            None => "book_pages",
        }
    }

    /// Whether the first page of the pass is among what is pending, and nothing else.
    pub(super) fn is_from_the_first_page(&self) -> bool {
        self.begun.as_ref().is_some_and(|begun| begun.pass.pages == 0)
    }
}

impl CreatorReader<'_> {
    /// The span whose books are opened: that of the rows read, and of the whole window if it was
    /// read completely and may hold booked rows that were not among them.
    fn span_to_check(
        &self,
        read: Option<(Timestamp, Timestamp)>,
        complete: Option<Window>,
    ) -> Option<(Timestamp, Timestamp)> {
        let may_hold = |window: &Window| {
            read.is_some() || self.claim.newest_at.is_some_and(|at| window.start() <= at)
        };
        match (read, complete.filter(may_hold)) {
            (Some((first, last)), Some(window)) => {
                Some((first.min(window.start()), last.max(window.end())))
            }
            (None, Some(window)) => Some((window.start(), window.end())),
            (read, None) => read,
        }
    }

    /// The same, and that of which pages are to tell what they passed over.
    fn span_to_open(
        &self,
        pending: &Pending,
        read: Option<(Timestamp, Timestamp)>,
        passed: Option<(Timestamp, Timestamp)>,
    ) -> Option<(Timestamp, Timestamp)> {
        // The last page of a history may have no row, and yet decide about those of an older system.
        let ended = pending.closed.first().filter(|_| self.claim.newest_at.is_some());
        let ended = ended.map(|(window, _)| (window.end(), window.end()));
        let checked = self.span_to_check(read, pending.complete).or(ended);
        let hull = |(a, b): (Timestamp, Timestamp), (c, d)| (a.min(c), b.max(d));
        checked.into_iter().chain(passed).reduce(hull)
    }

    /// Stores what is pending with how far it brings the stream.
    pub(super) async fn commit(&mut self) -> Result<(), Stop> {
        let Err(error) = self.try_commit().await else { return Ok(()) };
        if matches!(error, Error::Store(store::Error::Lost { .. })) {
            return Err(Stop::Lost);
        }
        if self.is_written().await {
            // Nothing failed; the report alone counts nothing of it.
            self.note_committed(0);
            return Ok(());
        }
        tracing::error!(
            creator.id = %self.claim.lease.creator,
            error = chain(&error),
            "rows could not be stored"
        );
        Err(Stop::Failed("the database did not take the rows".into()))
    }

    /// Whether a commit was made of which only the answer is lost.
    async fn is_written(&self) -> bool {
        let written = self.ctx.store.is_written(&self.claim.lease, &self.stream).await;
        matches!(written, Ok(true))
    }

    pub(super) async fn try_commit(&mut self) -> Result<(), Error> {
        let pending = mem::take(&mut self.pending);
        let lease = &self.claim.lease;
        let now = self.ctx.clock.now();
        // How long rows have been missing is told by the platform's time: clocks of instances differ.
        let read_at = self.ctx.platform_now();
        let has_read = !pending.is_empty();
        let mut counts = self.counts(&pending);
        let read = span(pending.pages.iter().flatten());
        let passed = pending.passed().filter(|_| self.claim.newest_at.is_some());
        let Some(span) = self.span_to_open(&pending, read, passed) else {
            if pending.rejects.is_empty() {
                let progress = self.progress(now, counts);
                let steps = self.ctx.store.advance_quiet(lease, progress, has_read).await?;
                self.note_committed(0);
                self.sum_anew(&steps, now).await;
                return Ok(());
            }
            let tx = self.ctx.store.begin("keep_rejects").await?;
            let rejects = tx.keep_rejects(lease, &digests(&pending.rejects), now).await?;
            let ended = self.advance(&tx, self.progress(now, counts)).await?;
            tx.commit_with_rollup(lease, (&[], &[]), (&ended, now)).await?;
            self.note_committed(rejects);
            return Ok(());
        };
        let tx = self.ctx.store.begin(pending.name()).await?;
        let LockedBooks { zone, rows, hints } =
            tx.lock_books(lease, span, &orders(&pending.pages)).await?;
        let mut books = Books::open(rows);
        for page in &pending.pages {
            books.read(page);
        }
        let passed_over = passed.map(|within| books.passed(within)).unwrap_or_default();
        self.stream.doubt_rows(&passed_over, read_at);
        let mut changes = books.changes(pending.complete, read_at);
        doubt_absent(&mut self.stream, &pending, &changes, read_at);
        for (window, read) in &pending.closed {
            let mut found = tx.list_unproven(lease, *window).await?;
            found.read = *read;
            // Those of these pages are not in the table yet.
            found.has_rejects |= !pending.rejects.is_empty();
            unproven(found, &mut changes, read_at);
        }
        self.note_late(&changes, now);
        let zone = jiff::tz::TimeZone::get(&zone).map_err(|_| Error::Zone { name: zone })?;
        let (deltas, fans) = (day_deltas(&changes, &zone), fan_deltas(&changes, &zone));
        tx.write_changes(lease, &changes, &deltas, (now, read_at)).await?;
        let written = changes.inserts.iter().chain(changes.updates.iter().map(|u| &u.after));
        let written: Vec<_> = written.collect();
        place_beside(&tx, (lease.agency, lease.creator), &hints, &written, now).await?;
        self.write_receipts(&tx, (&pending, &changes), span, now).await?;
        let rejects = match &pending.rejects[..] {
            [] => 0,
            some => tx.keep_rejects(lease, &digests(some), now).await?,
        };
        counts.added = count(changes.inserts.len());
        counts.added_gross = deltas.iter().map(|delta| delta.gross).sum();
        let (gained, lost) = moved(&changes);
        let progress = Progress { gained: &gained, lost: &lost, ..self.progress(now, counts) };
        let ended = self.advance(&tx, progress).await?;
        tx.commit_with_rollup(lease, (&deltas, &fans), (&ended, now)).await?;
        self.note_committed(rejects);
        self.reading.new_rows += changes.inserts.len();
        self.reading.amended_rows += changes.updates.len();
        self.reading.gross += deltas.iter().map(|delta| delta.gross).sum();
        self.reading.net += deltas.iter().map(|delta| delta.net).sum();
        Ok(())
    }

    /// Takes note of how long after its date a row showed, on ground that had been read.
    fn note_late(&mut self, changes: &Changes, now: Timestamp) {
        let Some(known) = self.claim.stream.watermark() else { return };
        let late = changes.inserts.iter().map(|row| row.earning.at).filter(|at| *at < known);
        if let Some(earliest) = late.min() {
            self.stream.note_late(now.duration_since(earliest));
        }
    }

    /// What the pending pages took, for the jobs that wait for them.
    fn counts(&self, pending: &Pending) -> Counts {
        let sales = pending.pages.iter().flatten().filter(|row| !row.source.is_reversal());
        Counts {
            since: self.since,
            pages: count(pending.pages.len()),
            requests: i64::from(self.reading.requests - self.requests_counted),
            rows: count(pending.rows),
            gross: sales.map(|row| row.gross).sum(),
            added: 0,
            added_gross: Cents::ZERO,
        }
    }

    /// How far the stream has come, and how long it stays ours.
    fn progress(&self, now: Timestamp, counts: Counts) -> Progress<'_> {
        let done = self.stream.windows.is_empty();
        let after = |seconds| {
            let seconds = SignedDuration::from_secs(seconds);
            now.checked_add(seconds).unwrap_or(now)
        };
        Progress {
            stream: &self.stream,
            now,
            // One that is given back has ended by every clock, also where ours is ahead.
            lease_until: if done { now.min(self.ctx.platform_now()) } else { after(LEASE_SECONDS) },
            next_sync_at: after(if done { EARNINGS_EVERY_SECONDS } else { 0 }),
            counts,
            gained: &[],
            lost: &[],
            seen_before: self.seen_before,
        }
    }

    /// Moves the stream on. Returns the jobs whose part of the creator that ended: then all of the history was
    /// read, and days, total and sums are to be what its rows add up to.
    async fn advance(&self, tx: &Tx, progress: Progress<'_>) -> Result<Vec<Uuid>, Error> {
        let lease = &self.claim.lease;
        let steps = tx.advance_stream(lease, progress).await?;
        for step in steps.iter().filter(|step| !step.has_ended) {
            tx.raise_progress(lease, step.job, step.evidence.per_mille()).await?;
        }
        tx.set_as_of(lease, self.stream.watermark()).await?;
        Ok(super::repairing::ended(&steps))
    }

    /// Takes note of what was committed.
    fn note_committed(&mut self, rejects: u64) {
        self.renewed_at = self.ctx.clock.now();
        self.requests_counted = self.reading.requests;
        self.seen_before = self.stream.history_pass().and_then(|pass| pass.seen);
        self.reading.as_of = self.stream.watermark();
        self.reading.rejects += rejects;
    }
}

/// Instants at which the ledger has a row more, and those at which it has one less.
fn moved(changes: &Changes) -> (Vec<Timestamp>, Vec<Timestamp>) {
    let shifted = changes.updates.iter().filter(|u| u.before.earning.at != u.after.earning.at);
    let (before, after): (Vec<_>, Vec<_>) =
        shifted.map(|u| (u.before.earning.at, u.after.earning.at)).unzip();
    let gained = changes.inserts.iter().map(|row| row.earning.at).chain(after);
    let lost = changes.voids.iter().map(|row| row.earning.at).chain(before);
    (gained.collect(), lost.collect())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The earliest and latest instant; `None` without earnings.
pub(super) fn span<'a>(
    earnings: impl IntoIterator<Item = &'a Earning>,
) -> Option<(Timestamp, Timestamp)> {
    earnings.into_iter().fold(None, |span, earning| {
        let (first, last) = span.unwrap_or((earning.at, earning.at));
        Some((first.min(earning.at), last.max(earning.at)))
    })
}

fn orders(pages: &[Vec<Earning>]) -> Vec<&str> {
    pages.iter().flatten().filter_map(|e| e.order_id.as_ref().map(|id| id.as_str())).collect()
}

/// Each reject with what identifies it: the digest of its text.
fn digests(rejects: &[Reject]) -> Vec<(String, &Reject)> {
    let mut digests: Vec<_> = rejects
        .iter()
        .map(|reject| (hex::encode(&Sha256::digest(reject.raw.as_bytes())[..16]), reject))
        .collect();
    digests.sort_by(|a, b| a.0.cmp(&b.0));
    digests.dedup_by(|a, b| a.0 == b.0);
    digests
}
