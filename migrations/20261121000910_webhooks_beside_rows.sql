-- Which webhooks' sales are shown is decided for all that are like each other, not pair by pair: two
-- families' webhooks may be settled by one row, and nobody needs to know who told of a sale first.
drop index provisional_transactions_row;
alter table provisional_transactions drop column same_as;

drop index provisional_transactions_open;
create index provisional_transactions_open on provisional_transactions (agency_id, model_id, at)
    where state in ('open', 'unmatched');
create index provisional_transactions_order on provisional_transactions (agency_id, model_id, order_id)
    where state in ('open', 'unmatched') and order_id is not null;
create index provisional_transactions_due on provisional_transactions (expires_at) where state = 'open';

-- A webhook names its creator's account and nothing else.
create index models_by_account on models (fanvue_user_uuid);

-- When a webhook last asked for a read, which one that began before does not satisfy.
alter table sync_state add column woken_at timestamptz;

-- Whose follow or subscription it was: two families tell of each.
alter table fan_events add column fan_id text;
create index fan_events_of_fan on fan_events (agency_id, model_id, fan_id, kind, at);

-- When an event that failed on our side is tried again.
alter table webhook_events add column retry_at timestamptz;
