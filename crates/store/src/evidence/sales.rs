//! Sales that only webhooks told of, as rows beside those of the ledger.

use jiff::Timestamp;
use ledger::{Cents, CreatorId};
use tokio_postgres::{Row, types::Type};

use super::RowsAsked;
use crate::{Error, Tx};

/// The place of a sale that only a webhook told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalePlace {
    /// When it happened.
    pub at: Timestamp,
    /// The event that told of it.
    pub event_key: String,
}

/// A sale or reversal that only a webhook told of, shown until its row comes. It names a fan: never
/// log it.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenSale {
    /// The event that told of it.
    pub event_key: String,
    /// Whose it is.
    pub creator: CreatorId,
    /// The creator's name.
    pub creator_name: String,
    /// When it happened.
    pub at: Timestamp,
    /// Why it was paid, by its stored name.
    pub source: String,
    /// The creator's price before the platform's cut, in US cents.
    pub gross: Cents,
    /// What the creator keeps, where the webhook told.
    pub net: Option<Cents>,
    /// Who paid.
    pub fan_id: Option<String>,
    /// Fanvue's order id, where the webhook told.
    pub order_id: Option<String>,
    /// Of a reversal: the sale it takes back.
    pub reverses: Option<String>,
    /// When it was told.
    pub created_at: Timestamp,
    /// When it leaves the figures if no row comes.
    pub expires_at: Timestamp,
}

impl OpenSale {
    /// Where it stands among the others.
    #[must_use]
    pub fn place(&self) -> SalePlace {
        SalePlace { at: self.at, event_key: self.event_key.clone() }
    }
}

fn open_sale(row: &Row) -> OpenSale {
    OpenSale {
        event_key: row.get("event_key"),
        creator: CreatorId(row.get("model_id")),
        creator_name: row.get("model_name"),
        at: row.get("at"),
        source: row.get("source"),
        gross: Cents(row.get("gross_cents")),
        net: row.get::<_, Option<i64>>("net_cents").map(Cents),
        fan_id: row.get("fan_id"),
        order_id: row.get("order_id"),
        reverses: row.get("reverses"),
        created_at: row.get("created_at"),
        expires_at: row.get("expires_at"),
    }
}

impl Tx {
    /// Sales that only webhooks told of and that are shown at the instant `now`, the newest first, only
    /// those behind `after` where it is given. There are as many as came within 72 hours at most.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_open_sales(
        &self,
        asked: &RowsAsked<'_>,
        after: Option<SalePlace>,
        now: Timestamp,
    ) -> Result<Vec<OpenSale>, Error> {
        let beginning = SalePlace { at: asked.instants.1, event_key: String::new() };
        let after = after.unwrap_or(beginning);
        let rows = self
            .rows(
                "list_open_sales",
                "-- list_open_sales
                 select p.*, m.name as model_name
                   from provisional_transactions p
                   join models m on m.agency_id = p.agency_id and m.id = p.model_id
                  where p.agency_id = $1 and ($2::uuid is null or p.model_id = $2)
                    and ($3::text[] is null or p.source = any($3))
                    and p.state = 'open' and p.expires_at > $4
                    and p.at >= $5 and (p.at, p.event_key) < ($6, $7)
                  order by p.at desc, p.event_key desc limit $8",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.creator.map(|creator| creator.0), Type::UUID),
                    (&asked.sources, Type::TEXT_ARRAY),
                    (&now, Type::TIMESTAMPTZ),
                    (&asked.instants.0, Type::TIMESTAMPTZ),
                    (&after.at, Type::TIMESTAMPTZ),
                    (&after.event_key, Type::TEXT),
                    (&asked.limit, Type::INT8),
                ],
            )
            .await?;
        Ok(rows.iter().map(open_sale).collect())
    }
}
