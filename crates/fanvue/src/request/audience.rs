//! Questions about a creator's audience.

use jiff::{Timestamp, tz::Offset};
use ledger::Cursor;
use url::Url;

use super::{Endpoints, PAGE_SIZE, Reader, Routes};
use crate::AgencyMark;

/// A list of people that is counted by walking it, because the platform's counts are too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleList {
    /// Who has a subscription.
    Subscribers,
    /// Who follows without one.
    Followers,
    /// Who there is a chat with. The page counts unread messages.
    Chats,
}

impl PeopleList {
    fn path(self) -> &'static str {
        match self {
            Self::Subscribers => "/subscribers",
            Self::Followers => "/followers",
            Self::Chats => "/chats",
        }
    }
}

/// One page of a list of people, please.
#[derive(Clone, Copy, Debug)]
pub struct PeopleAsk<'a> {
    /// Whose.
    pub reader: &'a Reader,
    /// Which list.
    pub list: PeopleList,
    /// Under which paths.
    pub routes: Routes,
    /// Where the page before ended; `None` for the first.
    pub mark: Option<&'a AgencyMark>,
}

/// One page of what became of subscribers, please.
#[derive(Clone, Copy, Debug)]
pub struct ChangesAsk<'a> {
    /// Whose.
    pub reader: &'a Reader,
    /// Under which paths.
    pub routes: Routes,
    /// From when on. The platform's days begin at this time of day.
    pub start: Timestamp,
    /// Up to when, excluded.
    pub end: Timestamp,
    /// The offset that both are written with: the platform answers with midnights of it.
    pub offset: Offset,
    /// Where the page before ended; `None` for the first.
    pub cursor: Option<&'a Cursor>,
}

/// `/insights/subscribers` for oneself, `/creators/{uuid}/insights/subscribers` for a creator.
fn path(reader: &Reader, rest: &str) -> String {
    match reader {
        Reader::Own => rest.to_owned(),
        Reader::Creator(uuid) => format!("/creators/{uuid}{rest}"),
    }
}

impl Endpoints {
    pub(crate) fn people(&self, ask: &PeopleAsk<'_>) -> Url {
        let mut url = self.api(ask.routes, &path(ask.reader, ask.list.path()));
        url.query_pairs_mut().append_pair("size", &PAGE_SIZE.to_string());
        let place = match ask.mark {
            None => return url,
            Some(AgencyMark::Page(page)) => ("page", page.to_string()),
            Some(AgencyMark::Cursor(cursor)) => ("cursor", cursor.as_str().to_owned()),
        };
        url.query_pairs_mut().append_pair(place.0, &place.1);
        url
    }

    pub(crate) fn unread(&self, routes: Routes) -> Url {
        self.api(routes, "/chats/unread")
    }

    pub(crate) fn changes(&self, ask: &ChangesAsk<'_>) -> Url {
        let mut url = self.api(ask.routes, &path(ask.reader, "/insights/subscribers"));
        let instant = |at: Timestamp| at.display_with_offset(ask.offset).to_string();
        url.query_pairs_mut()
            .append_pair("startDate", &instant(ask.start))
            .append_pair("endDate", &instant(ask.end))
            .append_pair("size", &PAGE_SIZE.to_string());
        if let Some(cursor) = ask.cursor {
            url.query_pairs_mut().append_pair("cursor", cursor.as_str());
        }
        url
    }

    pub(crate) fn top_spenders(&self, routes: Routes, reader: &Reader) -> Url {
        let mut url = self.api(routes, &path(reader, "/insights/top-spenders"));
        url.query_pairs_mut().append_pair("page", "1").append_pair("size", &PAGE_SIZE.to_string());
        url
    }

    pub(crate) fn tracking_links(
        &self,
        routes: Routes,
        reader: &Reader,
        cursor: Option<&Cursor>,
    ) -> Url {
        let mut url = self.api(routes, &path(reader, "/tracking-links"));
        url.query_pairs_mut().append_pair("limit", &PAGE_SIZE.to_string());
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor.as_str());
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CreatorUuid,
        testkit::{at, endpoints},
    };

    const UUID: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";

    fn people(reader: &Reader, list: PeopleList, mark: Option<&AgencyMark>) -> String {
        let ask = PeopleAsk { reader, list, routes: Routes::V1, mark };
        endpoints().people(&ask).as_str().replace("https://api.example/v1", "")
    }

    #[test]
    fn people_are_asked_for_at_the_readers_own_path_and_place() {
        let creator = Reader::Creator(CreatorUuid::new(UUID).unwrap());
        let cursor = AgencyMark::Cursor(Cursor::new("c+1").unwrap());
        for (reader, list, mark, want) in [
            (&Reader::Own, PeopleList::Subscribers, None, "/subscribers?size=50".to_owned()),
            (
                &Reader::Own,
                PeopleList::Followers,
                Some(&AgencyMark::Page(7)),
                "/followers?size=50&page=7".to_owned(),
            ),
            (
                &creator,
                PeopleList::Chats,
                Some(&cursor),
                format!("/creators/{UUID}/chats?size=50&cursor=c%2B1"),
            ),
        ] {
            assert_eq!(people(reader, list, mark), want);
        }
    }

    #[test]
    fn changes_are_asked_for_with_the_days_own_offset() {
        for (seconds, want) in [
            (0, "2026-11-20T18%3A15%3A00%2B00%3A00"),
            (20_700, "2026-11-21T00%3A00%3A00%2B05%3A45"),
            (-18_000, "2026-11-20T13%3A15%3A00-05%3A00"),
        ] {
            let ask = ChangesAsk {
                reader: &Reader::Own,
                routes: Routes::Unprefixed,
                start: at("2026-11-20T18:15:00Z"),
                end: at("2026-11-21T18:15:00Z"),
                offset: Offset::from_seconds(seconds).unwrap(),
                cursor: None,
            };
            let url = endpoints().changes(&ask);
            let query = url.query().unwrap();
            assert!(query.starts_with(&format!("startDate={want}&endDate=")), "{query}");
            assert!(query.ends_with("&size=50"), "{query}");
            let (_, start) = url.query_pairs().next().unwrap();
            assert_eq!(start.parse::<Timestamp>().unwrap(), ask.start);
        }
    }

    #[test]
    fn the_other_lists_have_their_own_words_for_a_pages_size() {
        let endpoints = endpoints();
        let cursor = Cursor::new("c2").unwrap();
        let links = endpoints.tracking_links(Routes::V1, &Reader::Own, Some(&cursor));
        assert_eq!(links.as_str(), "https://api.example/v1/tracking-links?limit=50&cursor=c2");
        let top = endpoints.top_spenders(Routes::Unprefixed, &Reader::Own);
        assert_eq!(top.as_str(), "https://api.example/insights/top-spenders?page=1&size=50");
        assert_eq!(endpoints.unread(Routes::V1).as_str(), "https://api.example/v1/chats/unread");
    }
}
