// The syncs that were asked for, the newest first: of everybody, or of one creator.

import type { Dashboard, Job } from '../api';
import { useJob } from '../hooks/sync';
import { useNow } from '../hooks/time';
import { moment } from '../lib/dates';
import { duration, isOpen, partResult, progress, remaining, result, whom } from '../lib/jobs';
import { count, money } from '../lib/money';
import { Icon } from './icons';
import { Card, Scroll } from './parts';

/** How many are listed. */
const SHOWN_MAX = 10;

export function SyncList({ jobs, data, modelId }: { jobs: Job[]; data: Dashboard; modelId?: string }) {
  const meant = jobs.filter((job) => modelId === undefined || job.creators.some((one) => one.modelId === modelId));
  const shown = meant.slice(0, SHOWN_MAX);
  const column = 'pb-2 pl-4 font-medium';
  return (
    <Card title={modelId === undefined ? 'Syncs' : 'Sync history'} note="Those that somebody asked for; new sales are read by themselves all the time">
      {shown.length === 0 && <p className="text-mute">Nobody has asked for one yet.</p>}
      {shown.length > 0 && (
        <Scroll label="Syncs, the newest first">
          <table className="w-full">
            <thead className="text-left text-meta text-mute">
              <tr className="border-b border-line">
                <th scope="col" className="pb-2 font-medium">Begun</th>
                <th scope="col" className={column}>Of</th>
                <th scope="col" className={column}>Asked for by</th>
                <th scope="col" className={`${column} text-right`}>New rows</th>
                <th scope="col" className={`${column} text-right`}>Revenue</th>
                <th scope="col" className={`${column} text-right`}>Took</th>
                <th scope="col" className={column}>Result</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((job) => <Line key={job.id} known={job} data={data} modelId={modelId} />)}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  );
}

function Line({ known, data, modelId }: { known: Job; data: Dashboard; modelId: string | undefined }) {
  const now = useNow();
  const { data: job = known } = useJob(isOpen(known) ? known.id : undefined, known);
  // In a job of everybody, of one creator only that creator's part.
  const part = job.creators.find((one) => one.modelId === modelId);
  const { newRows, addedCents, endedAt, percent } = part ?? job;
  const ended = part ? partResult(part) : isOpen(job) ? null : result(job);
  const isGood = (part ?? job).state === 'done';
  const took = (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(job.begunAt);
  const cell = 'py-2 pl-4 align-top whitespace-nowrap';
  return (
    <tr className="border-b border-line last:border-0" data-testid="job-row" data-state={job.state}>
      <td className="num py-2 align-top whitespace-nowrap"><time dateTime={job.begunAt}>{moment(job.begunAt, data.timezone)}</time></td>
      <td className={cell}>{whom(job)}</td>
      <td className={`${cell} text-mute`}>{job.askedBy === null ? 'The operator' : 'A user'}</td>
      <td className={`${cell} num text-right`}>{count(newRows)}</td>
      <td className={`${cell} num text-right`}>{money(addedCents, data.currency)}</td>
      <td className={`${cell} num text-right`}>{duration(took / 1000)}</td>
      <td className="min-w-56 py-2 pl-4 align-top">
        {ended === null ? (
          <><span className="num">{percent}%</span> · {job.state === 'paused' ? progress(job, now) : remaining(job)}</>
        ) : (
          <span className={`inline-flex items-baseline gap-1.5 ${isGood ? '' : 'text-warn'}`}>
            <Icon name={isGood ? 'check' : 'warning'} size={14} /> {ended}
          </span>
        )}
      </td>
    </tr>
  );
}
