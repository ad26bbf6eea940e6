//! Lists that take the place of the list before: who spent most, and tracking links.

use jiff::Timestamp;
use ledger::Fan;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{AudienceLease, values::Turn};
use crate::{Error, Store, statements::Params};

/// A fan among those who spent most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spender {
    /// Who.
    pub fan: Fan,
    /// What they spent, before the platform's cut.
    pub gross_cents: i64,
    /// What the creator keeps of it.
    pub net_cents: i64,
    /// Messages they bought.
    pub messages: i32,
}

/// A link that visitors came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedLink {
    /// The platform's id.
    pub id: Uuid,
    /// What the creator calls it.
    pub name: String,
    /// Its address, or the part of it that tells it apart.
    pub url: String,
    /// Where it was put.
    pub platform: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Clicks.
    pub clicks: i64,
    /// Who followed through it.
    pub followers: Option<i64>,
    /// Who subscribed through it.
    pub subscribers: Option<i64>,
    /// What it brought, before the platform's cut; `None` for a link without earnings.
    pub gross_cents: Option<i64>,
    /// What the creator keeps of it.
    pub net_cents: Option<i64>,
}

impl Store {
    /// Puts these fans in the place of all who were among those who spent most, the first first.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn finish_top_spenders(
        &self,
        lease: &AudienceLease,
        spenders: &[Spender],
        turn: Turn,
    ) -> Result<(), Error> {
        let rest = "told as (
                     select t.* from unnest($7::text[], $8::text[], $9::text[], $10::bigint[],
                                            $11::bigint[], $12::int[]) with ordinality
                         as t (fan_id, handle, display_name, gross, net, messages, rank)
                 ), gone as (
                     delete from top_spenders t using held
                      where t.agency_id = held.agency_id and t.model_id = held.model_id
                        and t.rank > (select count(*) from told)
                 ), ranked as (
                     insert into top_spenders as t
                         (agency_id, model_id, rank, fan_id, fan_handle, fan_display_name,
                          gross_cents, net_cents, message_count, last_synced_at)
                     select held.agency_id, held.model_id, told.rank::int, told.fan_id, told.handle,
                            told.display_name, told.gross, told.net, told.messages, $5
                       from held cross join told
                     on conflict (agency_id, model_id, rank) do update
                        set fan_id = excluded.fan_id, fan_handle = excluded.fan_handle,
                            fan_display_name = excluded.fan_display_name,
                            gross_cents = excluded.gross_cents, net_cents = excluded.net_cents,
                            message_count = excluded.message_count,
                            last_synced_at = excluded.last_synced_at
                 )";
        let ids: Vec<_> = spenders.iter().map(|one| one.fan.id.as_str()).collect();
        let handles: Vec<_> = spenders.iter().map(|one| one.fan.handle.as_deref()).collect();
        let names: Vec<_> = spenders.iter().map(|one| one.fan.display_name.as_deref()).collect();
        let gross: Vec<_> = spenders.iter().map(|one| one.gross_cents).collect();
        let net: Vec<_> = spenders.iter().map(|one| one.net_cents).collect();
        let messages: Vec<_> = spenders.iter().map(|one| one.messages).collect();
        let params: Params<'_> = &[
            (&ids, Type::TEXT_ARRAY),
            (&handles, Type::TEXT_ARRAY),
            (&names, Type::TEXT_ARRAY),
            (&gross, Type::INT8_ARRAY),
            (&net, Type::INT8_ARRAY),
            (&messages, Type::INT4_ARRAY),
        ];
        self.finish("finish_top_spenders", lease, turn, rest, params).await
    }

    /// Puts these links, each named once, in the place of all that were there.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn finish_tracking_links(
        &self,
        lease: &AudienceLease,
        links: &[TrackedLink],
        turn: Turn,
    ) -> Result<(), Error> {
        let rest = "gone as (
                     delete from tracking_links t using held
                      where t.agency_id = held.agency_id and t.model_id = held.model_id
                        and t.fanvue_uuid <> all($7::uuid[])
                 ), told as (
                     insert into tracking_links as t
                         (agency_id, model_id, fanvue_uuid, name, link_url,
                          external_social_platform, link_created_at, clicks, follows_count,
                          subs_count, gross_cents, net_cents, last_synced_at)
                     select held.agency_id, held.model_id, l.*, $5
                       from held
                      cross join unnest($7::uuid[], $8::text[], $9::text[], $10::text[],
                                        $11::timestamptz[], $12::bigint[], $13::bigint[],
                                        $14::bigint[], $15::bigint[], $16::bigint[]) as l
                     on conflict (agency_id, model_id, fanvue_uuid) do update
                        set name = excluded.name, link_url = excluded.link_url,
                            external_social_platform = excluded.external_social_platform,
                            link_created_at = excluded.link_created_at, clicks = excluded.clicks,
                            follows_count = excluded.follows_count,
                            subs_count = excluded.subs_count, gross_cents = excluded.gross_cents,
                            net_cents = excluded.net_cents, last_synced_at = excluded.last_synced_at
                 )";
        let ids: Vec<_> = links.iter().map(|link| link.id).collect();
        let names: Vec<_> = links.iter().map(|link| link.name.as_str()).collect();
        let urls: Vec<_> = links.iter().map(|link| link.url.as_str()).collect();
        let platforms: Vec<_> = links.iter().map(|link| link.platform.as_deref()).collect();
        let created: Vec<_> = links.iter().map(|link| link.created_at).collect();
        let clicks: Vec<_> = links.iter().map(|link| link.clicks).collect();
        let followers: Vec<_> = links.iter().map(|link| link.followers).collect();
        let subscribers: Vec<_> = links.iter().map(|link| link.subscribers).collect();
        let gross: Vec<_> = links.iter().map(|link| link.gross_cents).collect();
        let net: Vec<_> = links.iter().map(|link| link.net_cents).collect();
        let params: Params<'_> = &[
            (&ids, Type::UUID_ARRAY),
            (&names, Type::TEXT_ARRAY),
            (&urls, Type::TEXT_ARRAY),
            (&platforms, Type::TEXT_ARRAY),
            (&created, Type::TIMESTAMPTZ_ARRAY),
            (&clicks, Type::INT8_ARRAY),
            (&followers, Type::INT8_ARRAY),
            (&subscribers, Type::INT8_ARRAY),
            (&gross, Type::INT8_ARRAY),
            (&net, Type::INT8_ARRAY),
        ];
        self.finish("finish_tracking_links", lease, turn, rest, params).await
    }
}
