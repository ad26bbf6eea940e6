-- Authorization codes that came back, by digest, for a day: one that comes again is not sent to Fanvue,
-- which would end what the first use of it gave. Of no agency: a code is anybody's who caught it.
create table fanvue_used_codes (
    code_digest bytea primary key,
    used_at     timestamptz not null
);
create index fanvue_used_codes_by_time on fanvue_used_codes (used_at);
alter table fanvue_used_codes enable row level security;
