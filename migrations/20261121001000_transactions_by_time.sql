-- The rows behind a figure are paged newest first, so each of the four questions for them has an
-- index in its own order: a page reads as many entries as it shows, however rare what is asked for.

-- Of one creator. As before, and equal instants have an order too.
drop index fanvue_transactions_by_time;
create index fanvue_transactions_by_time
    on fanvue_transactions (agency_id, model_id, transaction_date desc, id desc);

-- Of the agency; of the agency from one source; of one creator from one source.
create index fanvue_transactions_of_agency
    on fanvue_transactions (agency_id, transaction_date desc, id desc);
create index fanvue_transactions_of_source
    on fanvue_transactions (agency_id, transaction_type, transaction_date desc, id desc);
create index fanvue_transactions_of_creator_and_source
    on fanvue_transactions (agency_id, model_id, transaction_type, transaction_date desc, id desc);
