// The one primary action: read it all again. What it opens, and what goes on, is not part of a first visit.

import { lazy, Suspense, useState } from 'react';

import { followed, useJobs } from '../hooks/jobs';
import { covers, isOpen } from '../lib/jobs';
import { Icon } from './icons';

const SyncDialog = lazy(() => import('./sync-dialog'));
const SyncStrip = lazy(() => import('./sync-strip'));

type Props = { agencyId: string; modelId?: string | undefined; name?: string | undefined; isSmall?: boolean };

export function SyncButton({ agencyId, modelId, name, isSmall = false }: Props) {
  const [isShown, setShown] = useState(false);
  const jobs = useJobs(agencyId);
  const isRunning = jobs.data?.some((job) => isOpen(job) && covers(job, modelId)) ?? false;
  const label = modelId === undefined ? 'Force sync' : isSmall ? `Sync ${name}` : 'Sync this creator';
  return (
    <>
      <button
        type="button" aria-haspopup="dialog" onClick={() => setShown(true)}
        className={`${isSmall ? 'control' : 'primary max-sm:w-full'} inline-flex items-center justify-center gap-2 whitespace-nowrap`}
      >
        <Icon name="sync" /> {isRunning ? 'Syncing' : label}
        {isRunning && <span className="sr-only"> {name ?? 'all creators'}: show progress</span>}
      </button>
      {isShown && (
        <Suspense>
          <SyncDialog agencyId={agencyId} modelId={modelId} name={name} onClose={() => setShown(false)} />
        </Suspense>
      )}
    </>
  );
}

/** The syncs that go on, or that ended before somebody's eyes. */
export function Syncs({ agencyId }: { agencyId: string }) {
  const jobs = useJobs(agencyId);
  const isAny = jobs.data?.some((job) => isOpen(job) || followed.has(job.id)) ?? false;
  return isAny && <Suspense><SyncStrip agencyId={agencyId} /></Suspense>;
}
