-- An answer that holds nothing is not believed at once where something was. See
-- docs/adr/0023-audience-streams-are-a-queue-of-their-own.md.

alter table audience_streams
    -- When a complete answer first ended in an empty page and would have taken something away. NULL: the last
    -- complete answer was believed.
    add column emptied_at timestamptz;

-- As the other columns: who sees figures sees why they stand still.
grant select (emptied_at) on audience_streams to authenticated;
