-- What a connection still owes: its creators' list, and the proof whose account it is.
alter table fanvue_connections
    -- The account was connected and its creators could not be listed: the next tick does it.
    add column owes_import   boolean not null default false,
    -- False while only an older system's table says whose tokens these are. Nothing is read with
    -- them before Fanvue has said it.
    add column is_identified boolean not null default true;
