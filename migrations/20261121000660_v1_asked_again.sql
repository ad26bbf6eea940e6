-- A connection that is served by the older paths is asked for /v1 again, and returns to it.
alter table fanvue_connections
    -- Since when /v1 is gone; NULL also where the connection was made without it.
    add column unprefixed_since timestamptz,
    -- When /v1 was last asked for since.
    add column v1_asked_at      timestamptz;

-- Without /v1 no list shows the reversals of managed creators. Whoever brings the connection back, a
-- tick or a person who connects it again, has them read: from four days before, or from the first
-- day where anything of the history was read without /v1. The leases are taken away, because those
-- who hold them ask the older paths.
create function note_routes() returns trigger
    language plpgsql set search_path = '' as $$
begin
    if new.routes = 'unprefixed' then
        new.unprefixed_since := new.updated_at;
        new.v1_asked_at := new.updated_at;
        return new;
    end if;
    update public.sync_state s
       set needs_read = true, next_sync_at = null, lease_token = null, lease_expires_at = null,
           read_from = least(s.read_from, case
               when m.created_at < old.unprefixed_since
                    and coalesce(jsonb_array_length(s.stream -> 'windows'), 0) = 0
               then old.unprefixed_since - interval '97 hours'
               else '2015-01-01T00:00:00Z' end)
      from public.models m
     where m.agency_id = new.agency_id and m.connection_id = new.id
       and s.agency_id = m.agency_id and s.model_id = m.id and s.sync_type = 'earnings';
    new.unprefixed_since := null;
    new.v1_asked_at := null;
    return new;
end $$;

create trigger fanvue_connections_routes_changed
    before update of routes on fanvue_connections
    for each row when (old.routes is distinct from new.routes)
    execute function note_routes();
