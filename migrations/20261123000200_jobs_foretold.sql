-- What a job weighs, and how often Fanvue was asked what a history comes to. See
-- docs/adr/0020-a-job-is-a-name-on-windows.md.

alter table sync_jobs
    -- What all its creators weighed when it began. Who is deleted meanwhile takes nothing from it, so what was
    -- shown of the whole never falls.
    add column rows_weighed bigint not null default 0;
update sync_jobs o
   set rows_weighed = (select coalesce(sum(greatest(j.rows_known, 50)), 0) from sync_job_creators j
                        where j.agency_id = o.agency_id and j.job_id = o.id);

alter table sync_job_creators
    -- How often Fanvue was asked what was sold in all (gross_promised_cents), and when last.
    add column promise_asks     integer not null default 0,
    add column promise_asked_at timestamptz;

-- As the other columns.
grant select (rows_weighed) on sync_jobs to authenticated;
grant select (promise_asks, promise_asked_at) on sync_job_creators to authenticated;

-- A night begins a job for every thirty creators: whoever lists what people asked for doesn't walk past those.
create index sync_jobs_asked on sync_jobs (agency_id, begun_at desc, id desc) where not is_proof;
