// How a creator stands at this very second. The server said how it stood when it answered; from then
// on the age grows by itself, so that "Live" ends at five minutes whether or not anybody can be asked.

import type { Creator, State } from '../api';

/** Younger than this is live: the server's own limit. */
export const LIVE_SECONDS = 300;
/** A read holds its creator for a minute at most; "Syncing" that nobody renewed is no news. */
const SYNCING_SECONDS = 90;

export type Standing = {
  state: State;
  /** Since Fanvue last confirmed the figures; `null` where it never did. */
  ageSeconds: number | null;
};

/**
 * `toldAt` is when the server last said that this is so. The answer's `generatedAt` may be minutes older:
 * as long as nothing changes, the same answer is given again.
 */
export function standing(creator: Creator, toldAt: number, now: number): Standing {
  const seen = creator.confirmedAt === null ? null : Date.parse(creator.confirmedAt);
  const ageSeconds = seen === null ? null : Math.max(0, Math.floor((now - seen) / 1000));
  return { state: state(creator.state, ageSeconds, now - toldAt), ageSeconds };
}

function state(told: State, age: number | null, sinceTold: number): State {
  const isOld = age === null || LIVE_SECONDS <= age;
  if (told === 'live' && isOld) return 'stale';
  if (told === 'syncing' && sinceTold > SYNCING_SECONDS * 1000) return isOld ? 'stale' : 'live';
  return told;
}

/** The server's reason where a creator was never read because nobody could. */
const NO_ACCOUNT = 'no Fanvue account is connected';

/** Whether its history was never read, and why not: it is read next, by itself, or there is no account that could. */
export function unbegun({ asOf, state, reason }: Creator): 'next' | 'noAccount' | null {
  if (asOf !== null || state !== 'never') return null;
  return reason?.includes(NO_ACCOUNT) ? 'noAccount' : 'next';
}

export type Summary = Standing & { live: number; total: number };

/**
 * The agency as a whole: as old as its oldest connected creator, because the youngest would flatter.
 */
export function summary(creators: Creator[], toldAt: number, now: number): Summary {
  const all = creators.map((creator) => standing(creator, toldAt, now));
  const live = all.filter((one) => one.state === 'live').length;
  const connected = all.filter((one) => one.state !== 'disconnected');
  const told = connected.length > 0 ? connected : all;
  const ages = told.map((one) => one.ageSeconds);
  const isKnown = ages.length > 0 && ages.every((age) => age !== null);
  const ageSeconds = isKnown ? Math.max(...(ages as number[])) : null;
  return { state: overall(told, ageSeconds), ageSeconds, live, total: creators.length };
}

function overall(told: Standing[], age: number | null): State {
  const some = (state: State) => told.some((one) => one.state === state);
  if (told.length === 0) return 'never';
  if (told.every((one) => one.state === 'disconnected')) return 'disconnected';
  if (some('syncing')) return 'syncing';
  if (told.every((one) => one.state === 'never')) return 'never';
  return told.every((one) => one.state === 'live') && age !== null ? 'live' : 'stale';
}
