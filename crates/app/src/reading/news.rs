//! When news are asked for, and up to which instant: that of the platform, as far as it is known.

use std::mem;

use fanvue::Routes;
use jiff::Timestamp;
use ledger::Stream;
use store::Claim;

use super::CreatorReader;
use crate::{platform_time::CLOCKS_APART, tokens};

pub(super) fn ask_for_news(stream: &mut Stream, claim: &Claim, now: Timestamp) {
    stream.open_pulse(now, claim.page_reach, claim.read_from);
    // Before v1 the platform lists reversals apart, and only for the account itself.
    if claim.is_connected_account && claim.routes == tokens::routes_name(Routes::Unprefixed) {
        stream.open_reversals(now);
    }
    stream.open_doubts(now);
}

impl CreatorReader<'_> {
    /// Once all that was open is read: news, if they have waited, or what is to be looked at again by now. The
    /// doubts of a history are more than a stream has windows for.
    pub(super) fn open_next(&mut self) {
        if !self.stream.windows.is_empty() {
            return;
        }
        let now = self.ctx.platform_now();
        if self.wants_news() {
            ask_for_news(&mut self.stream, self.claim, now);
        } else {
            self.stream.open_doubts(now);
        }
    }

    /// Whether news have waited, or were asked for up to an instant that is long past at the platform, as
    /// it told meanwhile.
    fn wants_news(&mut self) -> bool {
        let apart = self.ctx.platform_time.apart();
        let was_behind = CLOCKS_APART < apart - mem::replace(&mut self.apart, apart);
        mem::take(&mut self.news_wait) || was_behind
    }
}
