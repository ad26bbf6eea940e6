// The server's time, as seen from here: the client's clock may be wrong, and ages must not be.

import type { Answer } from '../api';

/** `Date` has whole seconds and answers take their time: less than this is no error of the clock. */
const TOLERANCE = 2_000;

type Seen = Omit<Answer<unknown>, 'body'>;

let offset = 0;
let newest = Number.NEGATIVE_INFINITY;

/** What to add to this machine's time. */
export function offsetOf(seen: Seen, generatedAt: number): number {
  const middle = (seen.sentAt + seen.receivedAt) / 2;
  // An answer can't be written later than it was sent: where `Date` says so, the writer's clock counts.
  const told = seen.date === null ? generatedAt : Math.max(seen.date + 500, generatedAt);
  const found = told - middle;
  return Math.abs(found) <= TOLERANCE ? 0 : found;
}

/** Learns from an answer. One that was written before the newest, such as a kept one, has less to say. */
export function learn(seen: Seen, generatedAt: number): void {
  const isKept = generatedAt <= newest;
  if (isKept && (seen.date === null || seen.date + 500 < generatedAt + TOLERANCE)) return;
  newest = Math.max(newest, generatedAt);
  offset = offsetOf(seen, generatedAt);
}

export function serverNow(): number {
  return Date.now() + offset;
}
