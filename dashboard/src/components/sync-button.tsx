// The one primary action: read it all again. What it opens, and what goes on, is not part of a first visit.

import { createContext, lazy, Suspense, useContext, useState, type ReactNode } from 'react';

import { followed, useJobs } from '../hooks/jobs';
import { covers, isOpen } from '../lib/jobs';
import { Icon } from './icons';

const SyncDialog = lazy(() => import('./sync-dialog'));
const SyncStrip = lazy(() => import('./sync-strip'));

type Whose = { agencyId: string; modelId?: string | undefined; name?: string | undefined };

const Opener = createContext<(whose: Whose) => void>(() => {});

/**
 * Holds the window of a sync for the buttons within: a difference that is mended takes its button along, and
 * whoever watches is to read what came of it.
 */
export function SyncWindow({ children }: { children: ReactNode }) {
  const [whose, open] = useState<Whose | null>(null);
  return (
    <Opener value={open}>
      {children}
      {whose && <Suspense><SyncDialog {...whose} onClose={() => open(null)} /></Suspense>}
    </Opener>
  );
}

export function SyncButton({ agencyId, modelId, name, isSmall = false }: Whose & { isSmall?: boolean }) {
  const open = useContext(Opener);
  const jobs = useJobs(agencyId);
  const isRunning = jobs.data?.some((job) => isOpen(job) && covers(job, modelId)) ?? false;
  const label = modelId === undefined ? 'Force sync' : isSmall ? `Sync ${name}` : 'Sync this creator';
  return (
    <button
      type="button" aria-haspopup="dialog" onClick={() => open({ agencyId, modelId, name })}
      className={`${isSmall ? 'control' : 'primary max-sm:w-full'} inline-flex items-center justify-center gap-2 whitespace-nowrap`}
    >
      <Icon name="sync" /> {isRunning ? 'Syncing' : label}
      {isRunning && <span className="sr-only"> {name ?? 'all creators'}: show progress</span>}
    </button>
  );
}

/** The syncs that go on, or that ended before somebody's eyes. */
export function Syncs({ agencyId }: { agencyId: string }) {
  const jobs = useJobs(agencyId);
  const isAny = jobs.data?.some((job) => isOpen(job) || followed.has(job.id)) ?? false;
  return isAny && <Suspense><SyncStrip agencyId={agencyId} /></Suspense>;
}
