-- Who asked for a read is told what it passed over and when that is looked for again. See
-- docs/adr/0035-what-a-force-sync-passes-over-is-doubted.md.

alter table sync_state
    -- What `stream` tells of them, so that it can be shown alone.
    add column doubts jsonb generated always as (stream -> 'doubts') stored;

grant select (doubts) on sync_state to authenticated;
