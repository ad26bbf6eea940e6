-- What a connection still owes: its creators' list, and the proof whose account it is.
alter table fanvue_connections
    -- The account was connected and its creators could not be listed: the next tick does it.
    add column owes_import   boolean not null default false,
    -- False while only an older system's table says whose tokens these are. Nothing is read with
    -- them before Fanvue has said it.
    add column is_identified boolean not null default true;

-- Fanvue spells uuids in lower case; as an older system spelt them, they would be other creators.
update models m set fanvue_user_uuid = lower(m.fanvue_user_uuid)
 where m.fanvue_user_uuid <> lower(m.fanvue_user_uuid)
   and not exists (
       select 1 from models o
        where o.agency_id = m.agency_id and o.id <> m.id
          and lower(o.fanvue_user_uuid) = lower(m.fanvue_user_uuid));
