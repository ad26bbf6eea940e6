// A sync that goes on, and one that is over.

import { Link } from 'wouter';

import type { Job } from '../api';
import { useHref } from '../hooks/page';
import { useStatus } from '../hooks/sync';
import { useNow } from '../hooks/time';
import { needsReconnecting, progress, remaining, result } from '../lib/jobs';
import { money } from '../lib/money';
import { Reconnect } from './banners';

/** What Fanvue reports, and so what a job adds up. */
const CURRENCY = 'USD';

/** Not a live region: what changes every other second is looked up, not announced. */
export function JobProgress({ job }: { job: Job }) {
  const now = useNow();
  return (
    <div data-testid="job" data-state={job.state}>
      <p className="num">{progress(job, now)}</p>
      <div
        className="my-2 h-1.5 overflow-hidden rounded-full bg-raised" role="progressbar" aria-label="Sync"
        aria-valuemin={0} aria-valuemax={100} aria-valuenow={job.percent}
      >
        <div className="h-full rounded-full bg-accent transition-[width] duration-150" style={{ width: `${job.percent}%` }} />
      </div>
      <p className="num text-meta text-mute">
        {job.percent}%{job.state !== 'paused' && <> · {remaining(job)}</>}
      </p>
    </div>
  );
}

export function JobResult({ job }: { job: Job }) {
  return (
    <span data-testid="job" data-state={job.state}>
      <strong className="font-semibold">{result(job)}</strong>
      {job.addedCents !== 0 && <> <span className="num">Revenue changed by {money(job.addedCents, CURRENCY)}.</span></>}
    </span>
  );
}

/** The way back for whoever a sync could not read; nothing where there is nobody. */
export function JobRemedy({ job }: { job: Job }) {
  const href = useHref();
  const lost = needsReconnecting(job);
  const status = useStatus(job.agencyId, lost !== undefined);
  if (!lost || !status.data) return null;
  const connectionId = status.data.streams.find((one) => one.modelId === lost.modelId)?.connectionId;
  return connectionId
    ? <Reconnect connectionId={connectionId} />
    : <Link href={href('/sync')} className="underline">See connections</Link>;
}
