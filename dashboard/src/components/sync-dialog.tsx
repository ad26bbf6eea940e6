// Before a sync: what it does and whom it can't reach. Then how far it is, and what came of it.

import { Link } from 'wouter';

import { Refusal, type Job, type Plan } from '../api';
import { useHref } from '../hooks/page';
import { useForceSync, useJob, usePlan, type Whose } from '../hooks/sync';
import { useNow } from '../hooks/time';
import { duration, isOpen } from '../lib/jobs';
import { count, plural } from '../lib/money';
import { JobProgress, JobRemedy, JobResult } from './job';
import { cause, Dialog } from './parts';

type Props = Whose & { name?: string | undefined; onClose: () => void };

export default function SyncDialog({ agencyId, modelId, name, onClose }: Props) {
  const begin = useForceSync({ agencyId, modelId });
  const plan = usePlan({ agencyId, modelId }, !begin.data);
  const joined = plan.data?.runningJobId ?? undefined;
  const job = useJob(begin.data?.job.id ?? joined);
  const isJoined = begin.data ? begin.data.joined : joined !== undefined;
  return (
    <Dialog title={name ? `Sync ${name}` : 'Force sync'} onClose={onClose}>
      <div aria-live="polite" aria-atomic="false">
        {job.data
          ? <Watched job={job.data} isJoined={isJoined} isStuck={job.isError} onClose={onClose} />
          : <Before plan={plan} begin={begin} job={job} name={name} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Before({ plan, begin, job, name, onClose }: {
  plan: ReturnType<typeof usePlan>; begin: ReturnType<typeof useForceSync>; job: ReturnType<typeof useJob>; name: string | undefined;
  onClose: () => void;
}) {
  // One that runs is watched by its own question, which may fail on its own.
  const failed = plan.error ? plan : job.error ? job : null;
  if (failed?.error) {
    const again = () => {
      void plan.refetch();
      if (failed === job) void job.refetch();
    };
    return (
      <>
        <p role="alert" className="text-neg">
          {failed === job && 'A sync is already running, but how far it is could not be loaded. '}{cause(failed.error)}
        </p>
        <Buttons>
          <button type="button" className="control" onClick={onClose}>Close</button>
          <button type="button" className="primary" disabled={failed.isFetching} onClick={again}>Try again</button>
        </Buttons>
      </>
    );
  }
  if (!plan.data || plan.data.runningJobId !== null) {
    return <div className="skeleton h-24" role="status" aria-label="Looking what there is to read" />;
  }
  const isPossible = plan.data.creators.some((one) => one.isReadable);
  return (
    <>
      <What plan={plan.data} name={name} onLeave={onClose} />
      {begin.error && <p role="alert" className="mt-3 text-neg">{refused(begin.error)}</p>}
      <Buttons>
        <button type="button" className="control" onClick={onClose}>Cancel</button>
        {isPossible && (
          <button type="button" className="primary" disabled={begin.isPending} onClick={() => begin.mutate()}>
            {begin.isPending ? 'Starting' : 'Start sync'}
          </button>
        )}
      </Buttons>
    </>
  );
}

function What({ plan, name, onLeave }: { plan: Plan; name: string | undefined; onLeave: () => void }) {
  const href = useHref();
  const readable = plan.creators.filter((one) => one.isReadable);
  const lost = plan.creators.filter((one) => !one.isReadable);
  const rows = readable.reduce((sum, one) => sum + one.rows, 0);
  const whose = name ?? plural(readable.length, 'creator');
  return (
    <div className="space-y-3">
      {readable.length > 0 && (
        <>
          <p>
            Reads the whole history of {whose} from Fanvue again, adds every transaction that is missing and brings the totals
            up to date. Nothing is deleted.
          </p>
          <p className="num text-meta text-mute">
            {plural(rows, 'transaction is', 'transactions are')} known already; reading {rows === 1 ? 'it' : 'them'} takes
            about {plural(plan.requests, 'request')} to Fanvue.
          </p>
        </>
      )}
      {lost.length > 0 && (
        <p className="text-warn">
          {lost.length === 1
            ? `${lost[0]?.name} needs reconnecting${readable.length > 0 ? ' and is left out' : ' first'}.`
            : `${count(lost.length)} creators need reconnecting${readable.length > 0 ? ' and are left out' : ' first'}.`}{' '}
          <Link href={href('/sync')} className="underline" onClick={onLeave}>See connections</Link>
        </p>
      )}
    </div>
  );
}

function Watched({ job, isJoined, isStuck, onClose }: {
  job: Job; isJoined: boolean; isStuck: boolean; onClose: () => void;
}) {
  if (!isOpen(job)) {
    return (
      <>
        <p><JobResult job={job} /></p>
        <Buttons>
          <JobRemedy job={job} />
          <button type="button" className="control" onClick={onClose}>Close</button>
        </Buttons>
      </>
    );
  }
  return (
    <>
      {isJoined && (
        <p className="mb-3" aria-live="off">
          A sync is already running (started <Since at={job.begunAt} /> ago). Showing its progress.
        </p>
      )}
      <div aria-live="off"><JobProgress job={job} /></div>
      {isStuck && <p className="mt-2 text-meta text-warn">Could not refresh; trying again.</p>}
      <p className="mt-3 text-mute">You can close this window; the sync goes on.</p>
      <Buttons><button type="button" className="control" onClick={onClose}>Close</button></Buttons>
    </>
  );
}

/** To the second, because what was begun by mistake was begun just now. */
function Since({ at }: { at: string }) {
  const now = useNow();
  return <span className="num">{duration((now - Date.parse(at)) / 1000)}</span>;
}

function Buttons({ children }: { children: React.ReactNode }) {
  return <div className="mt-4 flex flex-wrap items-center justify-end gap-2">{children}</div>;
}

/** Why no sync began, in words of whoever asked for it. */
function refused(error: Error): string {
  if (error instanceof Refusal && error.code === 'cooling_down') {
    const wait = error.retryAfterSeconds;
    return `All of it was read to the end a moment ago.${wait === null ? '' : ` It can be asked for again in ${duration(wait)}.`}`;
  }
  if (error instanceof Refusal && error.code === 'reconnect') return 'Nobody of them can be read before the account is connected again.';
  return cause(error);
}
