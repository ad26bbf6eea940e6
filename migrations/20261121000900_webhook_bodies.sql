-- Bodies of webhooks name fans: they are kept as long as somebody may want to know why an event was
-- understood as it was, and then erased. The event's key stays for ever.
create index webhook_events_bodies on webhook_events (settled_at)
    where state = 'done' and body is not null;
