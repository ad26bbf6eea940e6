-- A statement that the planner takes for a long one is compiled before it runs, unless a server is told not to:
-- some 0.1 to 1 s, again for each run. What is asked here runs for milliseconds, and where row-level security or a list
-- of unknown length stands in it, it is taken for long. So the service's sessions in this database do without.

do $$ begin
    -- Any role may say so for itself; other users of the database keep what they have.
    execute format('alter role current_user in database %I set jit = off', current_database());
end $$;
