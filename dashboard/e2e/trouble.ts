// Answers with troubles in them that a world of a minute has not: made of the real ones, for how they look.

import type { Route } from '@playwright/test';

import type { Connection, DashboardAnswer, Diagnosis, Difference, Job, JobCreator, Plan, Repair, State, Status } from '../src/api';
import type { World } from './world';

const AT = '2026-11-20T09:30:00Z';
const JOB = '00000000-0000-4000-8000-000000000001';

function difference(given: Partial<Difference>): Difference {
  return {
    cause: 'late_rows', meaning: 'Fanvue showed these rows after their time had been read.', day: '2026-11-19', cents: -6_499,
    rowCount: 1, figures: {}, ruledOut: [], remedy: { kind: 'force_sync', text: 'Force sync this creator.', call: null },
    rows: [{ id: '00000000-0000-4000-8000-000000000000', date: AT, fanvueCents: 6_499, ledgerCents: null, note: 'it takes money back' }],
    ...given,
  };
}

/** One creator of whom a sale is missing, and one who cannot be compared. */
export async function troubled(route: Route): Promise<void> {
  const response = await route.fetch();
  const said = (await response.json()) as Diagnosis;
  const [one, other, ...rest] = said.creators;
  const creators = [
    { ...one, result: 'mismatch', differenceCents: -6_499, message: 'Less is shown than Fanvue has.', differences: [
      difference({}), difference({ cause: 'unknown', rows: [], ruledOut: ['stale_checkpoint'], remedy: { kind: 'ask_rows', text: 'Compare row by row.', call: null } }),
    ] },
    { ...other, result: 'cannotCheck', fanvue: null, differenceCents: 0, message: 'Fanvue could not be compared.', differences: [
      difference({ cause: 'token_revoked', cents: 0, rows: [], day: null, rowCount: null, figures: { reason: 'Fanvue ended the connection' },
        remedy: { kind: 'reconnect', text: 'Reconnect to catch up.', call: 'GET /api/auth/fanvue/login?connectionId=c' } }),
    ] },
    ...rest,
  ];
  await route.fulfill({ response, json: { ...said, fanvue: null, creators } });
}

/** A sync of everybody: half done, or as `given`. */
export function working(given: Partial<Job> = {}): (route: Route) => Promise<void> {
  return async (route) => {
    const url = new URL(route.request().url());
    const job: Job = {
      id: JOB, agencyId: url.searchParams.get('agencyId') ?? '', modelId: null, askedBy: null, state: 'running',
      message: '', percent: 43, etaSeconds: 95, pausedUntil: null, reason: null, creatorsDone: 2, creatorsTotal: 4, rows: 900, newRows: 14,
      addedCents: 0, pages: 9, requests: 9, begunAt: AT, endedAt: null, creators: [], ...given,
    };
    const isList = url.pathname.endsWith('/jobs');
    await route.fulfill({ json: isList ? { jobs: [job] } : job });
  };
}

/** One creator's part of a sync, whose account has ended. */
export function lost({ modelId, name }: { modelId: string; name: string }): JobCreator {
  return {
    modelId, name, state: 'disconnected', percent: 0, rows: 0, newRows: 0, addedCents: 0, pages: 0, requests: 0, pausedUntil: null,
    reason: null, endedAt: AT,
  };
}

/** Four creators, each in another state, and the account of one of them ended. */
export async function standing(world: World): Promise<(route: Route) => Promise<void>> {
  const now = (await world.now()).getTime();
  const ages: [State, number | null][] = [['live', 40], ['stale', 22.5 * 60], ['never', null], ['disconnected', 26 * 3_600]];
  return async (route) => {
    const response = await route.fetch();
    const said = (await response.json()) as DashboardAnswer;
    const models = said.models.map((one, index) => {
      const [state, age] = ages[index] ?? ['live', 0];
      const at = age === null ? null : new Date(now - age * 1_000).toISOString();
      return { ...one, state, asOf: at, confirmedAt: at, rowsSoFar: state === 'never' ? 0 : one.rowsSoFar };
    });
    await route.fulfill({ response, json: { ...said, models } });
  };
}

/** Accounts that Fanvue ended. */
export async function ended(route: Route): Promise<void> {
  const response = await route.fetch();
  const { connections } = (await response.json()) as { connections: Connection[] };
  await route.fulfill({ response, json: { connections: connections.map((one) => ({ ...one, state: 'revoked' })) } });
}

/** A plan that says so, too. */
export async function planned(route: Route): Promise<void> {
  const plan: Plan = { dryRun: true, runningJobId: JOB, requests: 0, creators: [] };
  await route.fulfill({ json: plan });
}

/** Two receipts of the nightly proof, and one more behind them. */
export async function repaired(route: Route): Promise<void> {
  const isFirst = !new URL(route.request().url()).searchParams.has('cursor');
  const receipt = (id: number, given: Partial<Repair>): Repair => ({
    id: `00000000-0000-4000-8000-00000000000${id}`, modelId: JOB, modelName: 'Maya Rossi', kind: 'rows', day: '2026-11-05', cause: 'missing_row',
    beforeCents: 0, afterCents: 77_777, beforeRows: 0, afterRows: 1, evidence: {}, repairedAt: AT, ...given,
  });
  const total = receipt(2, { kind: 'sums', day: null, cause: 'drifted_total', beforeCents: 500, afterCents: 78_277, beforeRows: 3, afterRows: 4 });
  const repairs = isFirst ? [receipt(1, {}), total] : [receipt(3, { cause: 'amended_row' })];
  await route.fulfill({ json: { agencyId: JOB, repairs, nextCursor: isFirst ? 'next' : null } });
}

/** A creator and an audience that are set aside. */
export async function parked(route: Route): Promise<void> {
  const response = await route.fetch();
  const status = (await response.json()) as Status;
  const [one] = status.streams;
  const whose = { modelId: one?.modelId ?? '', name: one?.name ?? '' };
  await route.fulfill({ response, json: {
    ...status,
    parked: [{ ...whose, since: AT, reason: 'the scope read:insights is missing', call: '' }],
    audienceTroubles: [{
      ...whose, kind: 'subscribers', state: 'parked', asOf: AT, attempts: 5, lastError: 'Fanvue refused', lastErrorAt: AT, nextAt: null, parkedAt: AT,
    }],
  } });
}
