// What a comparison with Fanvue says, in the order and the words in which a person wants it.

import type { Diagnosed, Diagnosis, Difference } from '../api';
import { money, plural } from './money';

/** How long a comparison says something of now, in milliseconds. */
export const GOOD_FOR = 600_000;

/** Whether too much may have come since it was made; `now` is the server's time in milliseconds. */
export function isOld({ asked }: Diagnosis, now: number): boolean {
  return GOOD_FOR <= now - Date.parse(asked.at);
}

export type Result = Diagnosed['result'];
export type Cause = Difference['cause'];
export type RemedyKind = Difference['remedy']['kind'];

export const RESULTS: Record<Result, string> = {
  match: 'Match', explained: 'Explained', partly: 'Partly compared', mismatch: 'Mismatch', cannotCheck: 'Cannot check',
};

export const CAUSES: Record<Cause, string> = {
  never_synced: 'Never read', backfill_unfinished: 'History incomplete', stale_checkpoint: 'Not read yet',
  interrupted_run: 'Sync broke off', rate_limited: 'Slowed down by Fanvue', token_expired: 'Token ended',
  token_revoked: 'Disconnected', scope_missing: 'Not allowed to read', wrong_endpoint: 'Another account’s rows',
  late_rows: 'Late rows', missed_webhook: 'No webhook came', unmatched_webhook: 'Webhook without a row',
  duplicate_rows: 'Counted twice', page_edge_loss: 'Equal rows counted as one', reversal_not_seen: 'Refund not seen yet',
  summary_versus_rows: 'Fanvue’s totals leave it out', currency: 'Other currency', time_zone_edge: 'Days of another zone',
  manual_edit: 'Changed by hand', drifted_total: 'Total is not the sum of its days',
  drifted_rollup: 'Day is not the sum of its rows', rejected_row: 'Row set aside', clock_skew: 'Our clock is behind',
  unknown: 'Cause not proved',
};

/** A cause's name within a sentence. */
export function clause(cause: Cause): string {
  const name = CAUSES[cause];
  return name.startsWith('Fanvue') ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

const URGENCY: Record<Result, number> = { mismatch: 0, cannotCheck: 1, partly: 2, explained: 3, match: 4 };

/** What needs somebody first, then what is further off. */
export function ordered(creators: Diagnosed[]): Diagnosed[] {
  return [...creators].sort((a, b) =>
    URGENCY[a.result] - URGENCY[b.result]
    || Math.abs(b.differenceCents) - Math.abs(a.differenceCents)
    || a.name.localeCompare(b.name));
}

/** What a comparison says, in one or two sentences; what is not about an amount is in the server's words. */
export function message(one: Diagnosed, currency: string): string {
  const isOff = one.differenceCents !== 0 && (one.result === 'mismatch' || one.result === 'explained');
  if (one.result === 'cannotCheck' && one.differences.some(isRefused)) return 'Fanvue refused our token. Reconnect first.';
  if (!isOff) return one.message;
  const gap = `${money(Math.abs(one.differenceCents), currency)} ${one.differenceCents < 0 ? 'less' : 'more'} is shown than Fanvue has.`;
  if (one.result === 'explained') return `${gap} ${grouped(one.differences)[0]?.parts[0]?.meaning ?? ''}`.trim();
  const missing = missingRows(one.differences);
  if (missing === 0) return gap;
  return `${gap} ${plural(missing, 'transaction')} on Fanvue ${missing === 1 ? 'is' : 'are'} not in the ledger yet.`;
}

/** Why nobody asked Fanvue with a token at all: no refusal of Fanvue's. */
const NOT_ASKED = new Set<unknown>([
  'disconnected', 'the connection has ended', 'the account was disconnected here', 'no account is connected that reads this creator',
]);

/** Whether Fanvue itself ended it, by the figures that prove it. */
function isRefused({ cause, figures }: Difference): boolean {
  const reason = figures['reason'] ?? figures['lastError'];
  return cause === 'token_revoked' && reason !== undefined && !NOT_ASKED.has(reason);
}

/** Rows that Fanvue lists and we have not; 0 where not all are told. */
function missingRows(differences: Difference[]): number {
  const isWhole = differences.every((part) => part.rowCount === null || part.rowCount === part.rows.length);
  const rows = differences.flatMap((part) => part.rows);
  return isWhole ? rows.filter((row) => row.fanvueCents !== null && row.ledgerCents === null).length : 0;
}

/** Parts of a difference with one cause and one remedy. */
export type Group = {
  cause: Cause;
  cents: number;
  /** How many rows are behind it; `null` where only totals were compared. */
  rowCount: number | null;
  /** The days they are of, in order; none where it is no day's. */
  days: string[];
  parts: Difference[];
};

/** One line for each cause, the largest first: a cause that every second day has would hide the others. */
export function grouped(differences: Difference[]): Group[] {
  const groups = new Map<string, Group>();
  for (const part of differences) {
    const key = `${part.cause} ${part.remedy.kind}`;
    const group = groups.get(key) ?? { cause: part.cause, cents: 0, rowCount: null, days: [], parts: [] };
    group.cents += part.cents;
    if (part.rowCount !== null) group.rowCount = (group.rowCount ?? 0) + part.rowCount;
    if (part.day !== null && !group.days.includes(part.day)) group.days.push(part.day);
    group.parts.push(part);
    groups.set(key, group);
  }
  for (const group of groups.values()) group.days.sort();
  const isNothing = (group: Group) => (group.parts[0]?.remedy.kind === 'nothing' ? 1 : 0);
  return [...groups.values()].sort((a, b) => isNothing(a) - isNothing(b) || Math.abs(b.cents) - Math.abs(a.cents));
}

/** The account that a remedy is about, where its call names one. */
export function connectionIn(call: string | null): string | null {
  const query = call?.split('?')[1];
  return query === undefined ? null : new URLSearchParams(query).get('connectionId');
}

/** A call of the operator's as method and address; `null` for what the page must not call by itself. */
export function operatorCall(call: string | null): { method: string; url: string } | null {
  const found = /^(GET|POST) (\/api\/cron\/[a-z-]+)$/.exec(call ?? '');
  return found?.[1] && found[2] ? { method: found[1], url: found[2] } : null;
}
