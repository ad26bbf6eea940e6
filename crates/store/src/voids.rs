//! Rows that the feed lacks: noted as absent, later moved out of the ledger whole.

use jiff::Timestamp;
use ledger::{Booked, Key};
use tokio_postgres::types::Type;

use crate::{Error, Lease, Tx};

impl Tx {
    pub(crate) async fn void_transactions(
        &self,
        lease: &Lease,
        voids: &[Booked],
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = "void_transactions";
        let keys: Vec<_> = voids.iter().map(|void| void.key.to_string()).collect();
        let changed = self
            .change(
                statement,
                "-- void_transactions
                 with evidence as (
                     select fanvue_transaction_id, absent_since from absent_transactions
                      where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($3)
                 ), gone as (
                     delete from fanvue_transactions t
                      where t.agency_id = $1 and t.model_id = $2
                        and t.fanvue_transaction_id = any($3)
                     returning t.*
                 )
                 insert into voided_transactions
                     (agency_id, model_id, fanvue_transaction_id, voided_at, absent_since,
                      transaction)
                 select g.agency_id, g.model_id, g.fanvue_transaction_id, $4, e.absent_since,
                        to_jsonb(g)
                   from gone g join evidence e using (fanvue_transaction_id)",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&keys, Type::TEXT_ARRAY),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        if changed == keys.len() as u64 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    pub(crate) async fn note_absence(
        &self,
        lease: &Lease,
        absent: &[Key],
        returned: &[Key],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let texts = |keys: &[Key]| keys.iter().map(Key::to_string).collect::<Vec<_>>();
        self.change(
            "note_absence",
            "-- note_absence
             with returned as (
                 delete from absent_transactions
                  where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($4)
             )
             insert into absent_transactions
                 (agency_id, model_id, fanvue_transaction_id, absent_since)
             select $1, $2, t.key, $5 from unnest($3::text[]) as t (key)
             on conflict (agency_id, model_id, fanvue_transaction_id) do nothing",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&texts(absent), Type::TEXT_ARRAY),
                (&texts(returned), Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }
}
