//! Narrow windows: spans that two pages shared, read again whole, so that equal rows can be counted.

use jiff::SignedDuration;
use ledger::{Earning, PageVerdict, Reject, Stream};

use super::{CreatorReader, Step, Stop, facts};

/// Pages of a narrow window that are held in memory at once; a denser span is cut in half.
const NARROW_PAGES_MAX: usize = 20;
/// The same for a single instant, which can't be cut: 20,000 rows in one millisecond.
const INSTANT_PAGES_MAX: usize = 400;
/// Passes over a narrow window of several pages until two of them have as many rows.
const NARROW_PASSES_MAX: usize = 4;

/// A narrow window as one pass found it.
struct Whole {
    /// The stream with the window closed.
    stream: Stream,
    earnings: Vec<Earning>,
    rejects: Vec<Reject>,
    pages: usize,
}

impl CreatorReader<'_> {
    /// Reads a narrow window whole and hands its rows over as one page: only so can equal rows
    /// without ids be counted. Nothing of it is kept if the pass breaks.
    ///
    /// A row that arrives during a pass may push another over a page edge, where it is seen twice.
    /// Each adds one to the rows of its pass, so a pass with as many rows as the one before met none.
    pub(super) async fn read_whole(&mut self, index: usize) -> Result<(), Step> {
        let open = self.stream.windows[index].clone();
        let mut before = None;
        for _ in 0..NARROW_PASSES_MAX {
            let Some(whole) = self.read_pass(index).await? else {
                if self.stream.split(index) {
                    return Ok(());
                }
                let reason = "too many rows in one millisecond to tell them apart";
                return Err(Step::Stop(Stop::Failed(reason.into())));
            };
            let rows = whole.earnings.len() + whole.rejects.len();
            let has_anonymous = whole.earnings.iter().any(|earning| earning.order_id.is_none());
            if whole.pages == 1 || !has_anonymous || before == Some(rows) {
                self.stream = whole.stream;
                self.take(&open, whole.earnings, whole.rejects);
                return Ok(());
            }
            before = Some(rows);
        }
        Err(Step::Restart("rows kept arriving in a span while it was read".into()))
    }

    /// One pass over a narrow window; `None` if it has more pages than are held at once.
    async fn read_pass(&mut self, index: usize) -> Result<Option<Whole>, Step> {
        let mut whole =
            Whole { stream: self.stream.clone(), earnings: vec![], rejects: vec![], pages: 0 };
        let span = whole.stream.windows[index].window;
        let is_instant = span.end().duration_since(span.start()) <= SignedDuration::from_millis(1);
        let pages_max = if is_instant { INSTANT_PAGES_MAX } else { NARROW_PAGES_MAX };
        while whole.pages < pages_max {
            if self.is_over() {
                return Err(Step::Stop(Stop::Deadline));
            }
            let open = whole.stream.windows[index].clone();
            let page = self.ask(&open).await?;
            let verdict = whole.stream.read_page(index, &facts(&page));
            whole.pages += 1;
            whole.earnings.extend(page.earnings);
            whole.rejects.extend(page.rejects);
            match verdict {
                PageVerdict::More => {}
                PageVerdict::Closed => return Ok(Some(whole)),
                PageVerdict::Loop => {
                    return Err(Step::Restart("Fanvue repeated a cursor while paging".into()));
                }
            }
        }
        Ok(None)
    }
}
