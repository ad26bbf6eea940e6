-- Rows that a complete read of their time did not contain. One more such read, an hour later or
-- more, and the row leaves the ledger; seen again, it leaves this table.
create table absent_transactions (
    agency_id             uuid not null,
    model_id              uuid not null,
    fanvue_transaction_id text not null,
    absent_since          timestamptz not null,
    primary key (agency_id, model_id, fanvue_transaction_id),
    foreign key (agency_id, model_id, fanvue_transaction_id)
        references fanvue_transactions (agency_id, model_id, fanvue_transaction_id)
        on update cascade on delete cascade
);

-- What left the ledger, whole, and on what evidence. Counted nowhere.
create table voided_transactions (
    agency_id             uuid not null,
    model_id              uuid not null,
    fanvue_transaction_id text not null,
    voided_at             timestamptz not null,
    absent_since          timestamptz not null,
    transaction           jsonb not null,
    primary key (agency_id, model_id, fanvue_transaction_id, voided_at),
    foreign key (agency_id, model_id) references models (agency_id, id) on delete cascade
);

alter table absent_transactions enable row level security;
alter table voided_transactions enable row level security;
