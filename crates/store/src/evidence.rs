//! The rows behind a figure, newest first, page by page: those of the ledger, and sales that only
//! webhooks told of.
//!
//! Each of the four questions (an agency or one of its creators, all sources or some) has an index in
//! the order in which it is answered, so a page costs what it shows, whatever is asked for: some
//! sources are read as one index scan each, of which no one gives more than a page.

mod sales;

use jiff::Timestamp;
use ledger::{AgencyId, Cents, CreatorId};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

pub use self::sales::{OpenSale, SalePlace};

use crate::{Error, Reader, Tx, statements::Params};

/// Which rows are wanted.
#[derive(Clone, Copy, Debug)]
pub struct RowsAsked<'a> {
    /// The agency.
    pub agency: AgencyId,
    /// One creator; `None` for all.
    pub creator: Option<CreatorId>,
    /// The sources, by their stored names; `None` for all.
    pub sources: Option<&'a [String]>,
    /// The first instant, and the first one after the last.
    pub instants: (Timestamp, Timestamp),
    /// How many rows at most.
    pub limit: i64,
}

/// The place of a row in the ledger's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// When it was paid.
    pub at: Timestamp,
    /// Its own id, which tells rows of one instant apart.
    pub id: Uuid,
}

/// A row of the ledger with all that is known of it. It names a fan: never log it.
#[derive(Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its own id, which stays when Fanvue amends the row.
    pub id: Uuid,
    /// Its key within the creator: Fanvue's order id, or one made here that begins with `~`.
    pub key: String,
    /// Whose it is.
    pub creator: CreatorId,
    /// The creator's name.
    pub creator_name: String,
    /// When it was paid.
    pub at: Timestamp,
    /// Why it was paid, by its stored name.
    pub source: String,
    /// The creator's price before the platform's cut, in US cents.
    pub gross: Cents,
    /// What the creator keeps.
    pub net: Cents,
    /// What the fan paid, where Fanvue told.
    pub total: Option<Cents>,
    /// In which currency the fan paid, where Fanvue told.
    pub currency: Option<String>,
    /// Whether the creator may withdraw it, in Fanvue's words.
    pub status: Option<String>,
    /// Who paid.
    pub fan_id: Option<String>,
    /// The fan's handle when the row was first read.
    pub fan_handle: Option<String>,
    /// The fan's display name when the row was first read.
    pub fan_name: Option<String>,
    /// The message that was sold.
    pub message_id: Option<String>,
    /// The post that was sold.
    pub post_id: Option<String>,
    /// Of a reversal: the sale it takes back.
    pub reverses: Option<String>,
    /// When it was first booked.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub synced_at: Timestamp,
    /// Since when Fanvue's feed lacks it, if it does.
    pub absent_since: Option<Timestamp>,
}

impl Transaction {
    /// Where it stands in the ledger's order.
    #[must_use]
    pub fn place(&self) -> RowPlace {
        RowPlace { at: self.at, id: self.id }
    }
}

fn transaction(row: &Row) -> Transaction {
    Transaction {
        id: row.get("id"),
        key: row.get("fanvue_transaction_id"),
        creator: CreatorId(row.get("model_id")),
        creator_name: row.get("model_name"),
        at: row.get("transaction_date"),
        source: row.get("transaction_type"),
        gross: Cents(row.get("amount_cents")),
        net: Cents(row.get("net_cents")),
        total: row.get::<_, Option<i64>>("total_cents").map(Cents),
        currency: row.get("currency"),
        status: row.get("status"),
        fan_id: row.get("fan_id"),
        fan_handle: row.get("fan_handle"),
        fan_name: row.get("fan_display_name"),
        message_id: row.get("message_uuid"),
        post_id: row.get("post_uuid"),
        reverses: row.get("reverses_transaction_id"),
        created_at: row.get("created_at"),
        synced_at: row.get("synced_at"),
        absent_since: row.get("absent_since"),
    }
}

/// A page of rows as `$rows` finds them, with what stands beside the ledger.
macro_rules! page_of {
    ($name:literal, $rows:literal) => {
        concat!(
            "-- ",
            $name,
            "\n select t.*, m.name as model_name, a.absent_since
                  from (",
            $rows,
            ") as t
                  join models m on m.agency_id = $1 and m.id = t.model_id
                  left join absent_transactions a
                    on a.agency_id = $1 and a.model_id = t.model_id
                   and a.fanvue_transaction_id = t.fanvue_transaction_id
                 order by t.transaction_date desc, t.id desc"
        )
    };
}

const LIST_TRANSACTIONS: &str = page_of!(
    "list_transactions",
    "select * from fanvue_transactions
      where agency_id = $1 and ($2::uuid is null or model_id = $2)
        and transaction_date >= $3 and (transaction_date, id) < ($4, $5)
      order by transaction_date desc, id desc limit $6"
);

const LIST_TRANSACTIONS_OF_SOURCES: &str = page_of!(
    "list_transactions_of_sources",
    "select one.*
       from unnest($7::text[]) as wanted (source)
      cross join lateral (
            select * from fanvue_transactions
             where agency_id = $1 and ($2::uuid is null or model_id = $2)
               and transaction_type = wanted.source
               and transaction_date >= $3 and (transaction_date, id) < ($4, $5)
             order by transaction_date desc, id desc limit $6) as one
      order by one.transaction_date desc, one.id desc limit $6"
);

impl Tx {
    /// Rows of the ledger, the newest first, only those behind `after` where it is given.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_transactions(
        &self,
        asked: &RowsAsked<'_>,
        after: Option<RowPlace>,
    ) -> Result<Vec<Transaction>, Error> {
        // No id is less than nil: everything before that instant.
        let beginning = RowPlace { at: asked.instants.1, id: Uuid::nil() };
        let after = after.unwrap_or(beginning);
        let creator = asked.creator.map(|creator| creator.0);
        let params: Params<'_> = &[
            (&asked.agency.0, Type::UUID),
            (&creator, Type::UUID),
            (&asked.instants.0, Type::TIMESTAMPTZ),
            (&after.at, Type::TIMESTAMPTZ),
            (&after.id, Type::UUID),
            (&asked.limit, Type::INT8),
            (&asked.sources, Type::TEXT_ARRAY),
        ];
        let rows = match asked.sources {
            None => self.rows("list_transactions", LIST_TRANSACTIONS, &params[..6]).await?,
            Some(_) => {
                let statement = "list_transactions_of_sources";
                self.rows(statement, LIST_TRANSACTIONS_OF_SOURCES, params).await?
            }
        };
        Ok(rows.iter().map(transaction).collect())
    }
}

impl Reader {
    /// The names of the sources that the agency's ledger holds, each found by one probe of an index.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_sources(&self, agency: AgencyId) -> Result<Vec<String>, Error> {
        let rows = self
            .rows(
                "list_sources",
                "-- list_sources
                 with recursive found (source) as (
                     select min(transaction_type) from fanvue_transactions where agency_id = $1
                     union all
                     select (select min(transaction_type) from fanvue_transactions
                              where agency_id = $1 and transaction_type > found.source)
                       from found where found.source is not null
                 )
                 select source from found where source is not null",
                &[(&agency.0, Type::UUID)],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get("source")).collect())
    }
}
