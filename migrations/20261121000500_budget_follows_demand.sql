-- What people wait for is foreseen: a history leaves as many requests as pulses asked for in the
-- window before, less those that they have asked for in this one. Refused ones count too.
alter table rate_budgets
    add column pulses        integer not null default 0,
    add column pulses_before integer not null default 0;
