//! What a client asks about a creator's audience.

use jiff::Timestamp;
use ledger::Cursor;

use super::Client;
use crate::{
    AccessToken, AgencyMark, Answer, ChangesAsk, ChangesPage, LinksPage, PeopleAsk, PeoplePage,
    Profile, Reader, Routes, TopSpenders, convert::audience, envelope::Asked,
};

impl Client {
    /// One page of a list of people. `now` tells subscriptions that are over.
    pub async fn people_page(
        &self,
        token: &AccessToken,
        ask: &PeopleAsk<'_>,
        now: Timestamp,
    ) -> Answer<PeoplePage> {
        let with_cursor = matches!(ask.mark, Some(AgencyMark::Cursor(_)));
        let asked = Asked { with_cursor, ..Asked::with(token) };
        let heard = self.get(&self.endpoints.people(ask), &asked).await;
        heard.parse(|text| audience::people_page(text, ask.list, ask.mark, now))
    }

    /// How many messages the token's own account has not read.
    pub async fn unread_messages(&self, token: &AccessToken, routes: Routes) -> Answer<i32> {
        let heard = self.get(&self.endpoints.unread(routes), &Asked::with(token)).await;
        heard.parse(audience::unread_messages)
    }

    /// Posts and likes of the token's own account.
    pub async fn profile(&self, token: &AccessToken, routes: Routes) -> Answer<Profile> {
        let heard = self.get(&self.endpoints.me(routes), &Asked::with(token)).await;
        heard.parse(audience::profile)
    }

    /// One page of what became of subscribers, by day.
    pub async fn changes_page(
        &self,
        token: &AccessToken,
        ask: &ChangesAsk<'_>,
    ) -> Answer<ChangesPage> {
        let asked = Asked { with_cursor: ask.cursor.is_some(), ..Asked::with(token) };
        let heard = self.get(&self.endpoints.changes(ask), &asked).await;
        heard.parse(audience::changes_page)
    }

    /// The fans who spent most, as many as one page holds.
    pub async fn top_spenders(
        &self,
        token: &AccessToken,
        routes: Routes,
        reader: &Reader,
    ) -> Answer<TopSpenders> {
        let url = self.endpoints.top_spenders(routes, reader);
        self.get(&url, &Asked::with(token)).await.parse(audience::top_spenders)
    }

    /// One page of tracking links.
    pub async fn tracking_links_page(
        &self,
        token: &AccessToken,
        routes: Routes,
        reader: &Reader,
        cursor: Option<&Cursor>,
    ) -> Answer<LinksPage> {
        let asked = Asked { with_cursor: cursor.is_some(), ..Asked::with(token) };
        let url = self.endpoints.tracking_links(routes, reader, cursor);
        self.get(&url, &asked).await.parse(audience::tracking_links_page)
    }
}
