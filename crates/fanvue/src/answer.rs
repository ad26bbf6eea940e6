//! What the client hands back, in our words. Not the parsing: `convert` makes these.

mod audience;

use jiff::{Timestamp, civil::Date};
use ledger::{Cents, Cursor, Earning, Reject};
use secrecy::SecretString;

use crate::{CreatorUuid, Error, Limits, WebhookId};

pub use self::audience::{
    Changes, ChangesPage, LinksPage, PeoplePage, Person, Profile, TopSpender, TopSpenders,
    TrackingLink,
};

/// A value or an error, and in both cases what the headers said about the budget and the time.
#[derive(Debug)]
pub struct Answer<T> {
    /// What came of it.
    pub result: Result<T, Error>,
    /// The budget as of this response; `None` if there was none or it did not say.
    pub limits: Option<Limits>,
    /// The second in which it was made, by the platform's clock; `None` if there was no response or it
    /// did not say.
    pub at: Option<Timestamp>,
}

impl<T> Answer<T> {
    /// The same with something else made of its value.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { result: self.result.map(make), limits: self.limits, at: self.at }
    }
}

/// One page of earnings rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarningsPage {
    /// The rows that made sense, in the platform's order.
    pub earnings: Vec<Earning>,
    /// The rows that made none. Together with `earnings` they are all rows of the page.
    pub rejects: Vec<Reject>,
    /// Where to go on; `None` at the end of the window.
    pub next: Option<Cursor>,
}

/// The account that a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub uuid: CreatorUuid,
    /// Its handle, if told.
    pub handle: Option<String>,
    /// Its display name, if told.
    pub display_name: Option<String>,
    /// Whether it earns: then its own rows come by the personal endpoint.
    pub is_creator: bool,
}

/// One page of the creators that an agency manages. The connected account itself is not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorsPage {
    /// The creators.
    pub creators: Vec<CreatorListing>,
    /// Entries without a usable uuid.
    pub rejects: Vec<Reject>,
    /// Whether another page follows. An empty page is the last, whatever it says.
    pub has_more: bool,
}

/// One creator as an agency sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorListing {
    /// The creator's id.
    pub uuid: CreatorUuid,
    /// The creator's handle, if told.
    pub handle: Option<String>,
    /// The creator's display name, if told.
    pub display_name: Option<String>,
    /// What the agency may do for them, if told.
    pub role: Option<String>,
}

/// One page of an agency's totals: paid invoices only, without reversals, newest day first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyEarningsPage {
    /// The totals that made sense.
    pub days: Vec<AgencyDay>,
    /// The rows that made none.
    pub rejects: Vec<Reject>,
    /// Where to go on; `None` at the end.
    pub next: Option<AgencyMark>,
}

/// What one creator earned on one UTC day, as the platform sums it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyDay {
    /// The creator.
    pub creator: CreatorUuid,
    /// The UTC day.
    pub on: Date,
    /// Before the platform's cut.
    pub gross: Cents,
    /// After it.
    pub net: Cents,
    /// As the row says it, in upper case; the unit of the amounts where it is not USD is unproven.
    pub currency: Option<String>,
}

/// A place in an agency's totals, or in a list of people. The platform documents one style of paging and answers with the
/// other, so the answer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgencyMark {
    /// The page of that number, from 1.
    Page(u32),
    /// After that token.
    Cursor(Cursor),
}

/// A webhook that was just registered.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Its id.
    pub id: WebhookId,
    /// What its deliveries will be signed with. Told here and never again.
    pub signing_secret: SecretString,
}

/// The webhooks that this app registered for this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhooks {
    /// The entries that made sense.
    pub webhooks: Vec<Webhook>,
    /// The entries that made none.
    pub rejects: Vec<Reject>,
}

/// A webhook as the platform lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where deliveries go.
    pub url: String,
    /// The topics that are delivered.
    pub events: Vec<String>,
    /// When it was registered, where the entry tells.
    pub created_at: Option<Timestamp>,
}
