//! Of a day in which the reading ended its total can't tell whether something is missing before that moment or
//! after it. So totals are asked for from there on, of those together whose reading ended within a minute: what
//! they tell was not read.

use std::collections::BTreeMap;

use fanvue::{CREATORS_PER_ASK_MAX, CreatorUuid};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use ledger::{Cents, ConnectionId, Days, Window, diagnosis::day_of};

use super::{
    asking::Stop,
    gathering::{Subject, Way},
    hearing::Hearing,
};
use crate::Error;

/// How far apart readings may end that are asked about with one question.
const BESIDE: SignedDuration = SignedDuration::from_mins(1);

/// The most such questions of fifty creators: who is not asked about is told no cause.
const QUESTIONS_MAX: u32 = 10;

/// Somebody whose reading ended on that day, with all of her day behind it.
type Ended = (Timestamp, usize, CreatorUuid);

impl Hearing<'_, '_> {
    /// Asks from the latest end of some on, which claims nothing that was read. Who is not heard of stays
    /// without.
    ///
    /// # Errors
    /// As for any statement.
    pub(super) async fn lately(
        &mut self,
        subjects: &mut [Subject],
        within: Window,
    ) -> Result<(), Error> {
        let mut groups: BTreeMap<(ConnectionId, Date), Vec<Ended>> = BTreeMap::new();
        for (index, subject) in subjects.iter().enumerate() {
            let (Way::Managed(connection, account), Some(at)) =
                (&subject.way, subject.facts.ended_amid())
            else {
                continue;
            };
            let group = groups.entry((*connection, day_of(at))).or_default();
            group.push((at, index, account.clone()));
        }
        let mut asked = 0;
        for ((connection, on), mut ended) in groups {
            ended.sort_by_key(|(at, ..)| *at);
            let mut rest = &ended[..];
            while let Some((first, ..)) = rest.first() {
                let is_beside = |(at, ..): &Ended| at.duration_since(*first) <= BESIDE;
                let count = rest.iter().take(CREATORS_PER_ASK_MAX).take_while(|one| is_beside(one));
                let (named, later) = rest.split_at(count.count());
                if QUESTIONS_MAX <= asked {
                    return Ok(());
                }
                asked += 1;
                self.lately_of(subjects, named, (connection, on), within).await?;
                rest = later;
            }
        }
        Ok(())
    }

    async fn lately_of(
        &mut self,
        subjects: &mut [Subject],
        named: &[Ended],
        (connection, on): (ConnectionId, Date),
        within: Window,
    ) -> Result<(), Error> {
        let latest = named.iter().map(|(at, ..)| *at).max().unwrap_or(within.start());
        let day = Days::new(on, on).map(|day| day.instants(&TimeZone::UTC));
        let Some((_, end)) = day else { return Ok(()) };
        let Ok(window) = Window::new(latest.max(within.start()), end.min(within.end())) else {
            return Ok(());
        };
        let accounts: Vec<_> = named.iter().map(|(.., account)| account.clone()).collect();
        let days =
            match self.platform.totals((self.asked.agency, connection), window, &accounts).await {
                Ok(days) => days,
                Err(Stop::Broken(error)) => return Err(error),
                Err(Stop::Unheard(_)) => return Ok(()),
            };
        for (_, index, account) in named {
            let of_her = days.iter().filter(|day| day.creator == *account && day.on == on);
            let gross: Cents = of_her.map(|day| day.gross).sum();
            if let Some(subject) = subjects.get_mut(*index) {
                subject.facts.lately = Some(gross);
            }
        }
        Ok(())
    }
}
