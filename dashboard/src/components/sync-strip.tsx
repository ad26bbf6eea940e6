// On every view: the syncs that go on, also those that somebody else began or that ran before the page was
// loaded; and the end of those that were seen here.

import { useReducer } from 'react';

import type { Job } from '../api';
import { followed, useJobs } from '../hooks/jobs';
import { useJob } from '../hooks/sync';
import { isOpen, whom } from '../lib/jobs';
import { JobProgress, JobRemedy, JobResult } from './job';
import { Icon } from './icons';

/** The most that are shown at once; Sync health lists all. */
const SHOWN_MAX = 3;

export default function SyncStrip({ agencyId }: { agencyId: string }) {
  const jobs = useJobs(agencyId);
  const [, look] = useReducer((times: number) => times + 1, 0);
  const shown = jobs.data?.filter((job) => isOpen(job) || followed.has(job.id)).slice(0, SHOWN_MAX) ?? [];
  return shown.map((job) => (
    <One key={job.id} known={job} onDismiss={() => {
      followed.delete(job.id);
      look();
    }} />
  ));
}

function One({ known, onDismiss }: { known: Job; onDismiss: () => void }) {
  const { data: job = known } = useJob(known.id, known);
  const isRunning = isOpen(job);
  const isGood = job.state === 'done';
  const look = isRunning || isGood ? 'border-line bg-surface' : 'border-warnline bg-warnbg';
  return (
    <section aria-label={`Sync of ${whom(job)}`} className={`rounded-card border px-4 py-3 ${look}`} data-testid="sync-strip">
      {isRunning && (
        <>
          <h2 className="mb-1 flex items-center gap-2 font-semibold">
            <i className="spinning size-3" aria-hidden="true" /> Syncing {whom(job)}
          </h2>
          <JobProgress job={job} />
        </>
      )}
      <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {!isRunning && (
          <>
            <span className={isGood ? 'text-pos' : 'text-warn'}><Icon name={isGood ? 'check' : 'warning'} /></span>
            <p className="min-w-0 flex-1 basis-52"><JobResult job={job} /></p>
            <JobRemedy job={job} />
            <button type="button" className="control" onClick={onDismiss}>Dismiss</button>
          </>
        )}
      </div>
    </section>
  );
}
