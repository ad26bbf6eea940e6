// The server's time, as seen from here: the client's clock may be wrong, and ages must not be.

import type { Answer } from '../api';

type Seen = Omit<Answer<unknown>, 'body'>;

/** Clocks that differ by less agree well enough. */
const SLACK = 500;

let offset = 0;
let newest = Number.NEGATIVE_INFINITY;

/**
 * What to add to this machine's time. The answer was written somewhere between asking and hearing, in a
 * second that `Date` names: a clock that may be right is left alone, however long that took.
 */
export function offsetOf(seen: Seen, generatedAt: number): number {
  // An answer can't be written later than it was sent: where `Date` says so, the writer's clock counts.
  const told = Math.max(seen.date ?? generatedAt, generatedAt - 1_000);
  const least = told - seen.receivedAt;
  const most = told + 1_000 - seen.sentAt;
  return least - SLACK <= 0 && 0 <= most + SLACK ? 0 : (least + most) / 2;
}

/** Learns from an answer. One that was written before the newest, such as a kept one, has less to say. */
export function learn(seen: Seen, generatedAt: number): void {
  const isKept = generatedAt <= newest;
  if (isKept && (seen.date === null || seen.date + 1_000 < generatedAt)) return;
  newest = Math.max(newest, generatedAt);
  offset = offsetOf(seen, generatedAt);
}

export function serverNow(): number {
  return Date.now() + offset;
}
