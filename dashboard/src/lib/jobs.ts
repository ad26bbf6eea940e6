// A sync that somebody asked for, in words: how far it is, and what came of it.

import type { Job, JobCreator } from '../api';
import { count, plural } from './money';

/** Whether it goes on. */
export function isOpen(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running' || job.state === 'paused';
}

/** Whom it reads: `all creators`, or the one by name. */
export function whom(job: Job): string {
  const [one] = job.creators;
  return job.modelId !== null && one ? one.name : 'all creators';
}

/** What happens right now; `now` is the server's time in milliseconds. */
export function progress(job: Job, now: number): string {
  if (job.state === 'paused') {
    const wait = job.pausedUntil === null ? 0 : (Date.parse(job.pausedUntil) - now) / 1000;
    return `Fanvue asked us to slow down. Continuing in ${duration(wait)}.`;
  }
  if (job.state === 'queued') return 'Waiting for its turn; it begins by itself.';
  const reading = job.creators.find((one) => one.state === 'reading');
  const parts = [
    reading ? `Reading ${reading.name}` : 'Between two reads',
    ...(job.creatorsTotal > 1 ? [`${count(job.creatorsDone)} of ${plural(job.creatorsTotal, 'creator')}`] : []),
    `${count(job.newRows)} new`,
  ];
  return parts.join(' · ');
}

/** How long it still takes, where that can be told. */
export function remaining(job: Job): string {
  if (job.etaSeconds === null) return 'how long it takes is not known yet';
  return job.etaSeconds < 1 ? 'nearly done' : `about ${duration(job.etaSeconds)} left`;
}

/** What came of it. */
export function result(job: Job): string {
  if (job.state === 'done') return finished(job.newRows);
  const reason = job.reason ? `${job.reason.replace(/\.$/, '')}.` : '';
  const synced = job.creatorsTotal === 1
    ? 'Nothing could be synced.'
    : `${count(job.creatorsDone)} of ${plural(job.creatorsTotal, 'creator')} synced.`;
  return `${synced} ${reason}`.trim();
}

/** What came of it for one of its creators; `null` while that one is not at its end. */
export function partResult(part: JobCreator): string | null {
  if (part.endedAt === null) return null;
  if (part.state === 'done') return finished(part.newRows);
  return part.state === 'parked' ? `Set aside${part.reason ? `: ${part.reason}` : ''}` : 'Needs reconnecting';
}

function finished(newRows: number): string {
  return `Sync finished · ${newRows === 0 ? 'nothing new' : plural(newRows, 'new transaction')}`;
}

/** A creator whom nobody reads before a person connects the account again. */
export function needsReconnecting(job: Job): JobCreator | undefined {
  return job.creators.find((one) => one.state === 'disconnected');
}

/** `40 s`, `3 min`, `1 h 20 min`: rounded up, so that nothing takes longer than it says. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${count((minutes - rest) / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** Whether it reads all that is asked for: a creator, or everybody. */
export function covers(job: Job, modelId: string | undefined): boolean {
  if (modelId === undefined) return job.modelId === null;
  // A list leaves out the creators of a job of everybody.
  if (job.modelId === null && job.creators.length === 0) return true;
  return job.creators.some((one) => one.modelId === modelId && one.endedAt === null);
}
