// What the views say of answers, as text. How they look and behave is tested in Chromium.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Refusal, type Repair, type Status } from '../api';
import { followed } from '../hooks/jobs';
import { parse } from '../lib/filters';
import { aCreator, aDashboard, aDiagnosed, aDiagnosis, aDifference, aJob, aPart, aRepair, AT, aStatus, ROW } from '../samples';
import Audience from '../components/audience';
import { Kpis } from '../components/kpis';
import More from '../components/more';
import SyncDialog from '../components/sync-dialog';
import SyncStrip from '../components/sync-strip';
import CreatorView from './creator';
import { text, type Known } from './drawn';
import SyncHealth from './sync-health';

vi.mock('../hooks/time', () => ({
  useNow: () => Date.parse('2026-11-20T09:31:00Z'), useCalmBusy: (isBusy: boolean) => isBusy, useOnline: () => true, useLater: () => true, useBelow: () => 'stands',
}));
vi.stubGlobal('document', { addEventListener: () => {}, hidden: false, documentElement: { dataset: {} } });
vi.stubGlobal('navigator', { onLine: true });

beforeEach(() => {
  vi.setSystemTime('2026-11-20T09:31:00Z');
});
afterEach(() => {
  vi.useRealTimers();
});

const DATA = aDashboard();
const WHOLE: Known = [[['dashboard', { agencyId: undefined, modelId: undefined, timeRange: '30d' }], DATA]];

async function health(status: Partial<Status>, creators = [aDiagnosed()], data = DATA, at = AT, repairs: Repair[] = []): Promise<string> {
  return text(<SyncHealth />, [
    [['dashboard', { agencyId: undefined, modelId: undefined, timeRange: '30d' }], data],
    [['status', 'a'], aStatus(status)], [['diagnosis', { agencyId: 'a' }], aDiagnosis(creators, at)], [['jobs', 'a'], []],
    [['repairs', 'a'], { pages: [{ agencyId: 'a', repairs, nextCursor: repairs.length > 0 ? 'next' : null }], pageParams: [undefined] }],
  ]);
}

test('sync health, when all is well', async () => {
  const said = await health({});
  expect(said).toContain('All 1 creator live.');
  expect(said).toContain('checked 10:30 (1m ago)');
  expect(said).toContain('Lina Hart $8.00 3 rows $8.00 3 rows $8.00 3 rows $0.00 Match All three agree to the cent.');
  expect(said).toContain('May: read:fan.');
  expect(said).toContain('Nobody has asked for one yet.');
  expect(said).not.toContain('Set aside and failing');
});

test('sync health says how many were compared', async () => {
  const lost = aDiagnosed({ modelId: 'i', name: 'Iris Vale', result: 'cannotCheck', fanvue: null });
  expect(await health({}, [aDiagnosed(), lost])).toContain('All 1 of 2 compared');
  expect(await health({}, [aDiagnosed(), aDiagnosed({ modelId: 'i' })])).toContain('All 2 of 2 compared');
});

test('what was compared long ago is no verdict of now', async () => {
  const differs = [aDiagnosed({ result: 'mismatch', differenceCents: -6_900 })];
  expect(await health({}, differs)).toContain('Needs attention: 1 mismatch.');
  const said = await health({}, differs, DATA, '2026-11-20T09:21:00Z');
  expect(said).toContain('checked 10:21 (10m ago)');
  expect(said).toContain('These are the totals of then: what came since was not compared. Check again.');
  expect(said).toContain('−$69.00 Mismatch then');
  expect(said).toContain('All 1 creator live.');
});

test('sync health names each cause with what to press', async () => {
  const differences = [
    aDifference({ cents: -6_499, day: '2026-11-19' }),
    aDifference({ cause: 'unknown', cents: -500, ruledOut: ['token_expired'] }, 'ask_rows'),
    aDifference({ cause: 'drifted_total', cents: 100 }, 'rebuild_totals', 'POST /api/fanvue/force-sync-revenue?modelId=m'),
    aDifference({ cause: 'stale_checkpoint', cents: -1 }, 'run_now', 'GET /api/cron/revenue-heartbeat'),
  ];
  const said = await health({}, [
    aDiagnosed({ result: 'mismatch', differenceCents: -6_900, differences }),
    aDiagnosed({ modelId: 'i', name: 'Iris Vale', result: 'cannotCheck', fanvue: null, message: 'Fanvue could not be compared.', differences: [
      aDifference({ cause: 'token_revoked', figures: { reason: 'invalid_grant' } }, 'reconnect', 'GET /api/auth/fanvue/login?connectionId=c'),
    ] }),
  ]);
  expect(said).toContain('Needs attention: 1 mismatch, 1 cannot be checked.');
  expect(said).toContain('−$69.00 Mismatch $69.00 less is shown than Fanvue has.');
  expect(said).toContain('Late rows −$64.99 Rows came late. 19 Nov 2026. Do it. Sync Lina Hart');
  expect(said).toContain('Cause not proved −$5.00 Rows came late. Do it. Not the cause: token ended. Compare row by row of Lina Hart');
  expect(said).toMatch(/Total is not the sum of its days .*Do it\. Sync Lina Hart/);
  expect(said).toContain('The next sync goes on by itself. The operator’s call: GET /api/cron/revenue-heartbeat');
  expect(said).toContain('— — Cannot check Fanvue refused our token. Reconnect first. Disconnected amount not known Rows came late. Do it. Reconnect');
});

test('sync health lists what is set aside, who waits, and what was asked for', async () => {
  const [connection] = aStatus().connections;
  const said = await health({
    parked: [{ modelId: 'm', name: 'Lina Hart', since: AT, reason: 'the scope is missing', call: '' }],
    audienceTroubles: [{
      modelId: 'm', name: 'Lina Hart', kind: 'followers', state: 'retrying', asOf: AT, attempts: 2, lastError: 'Fanvue failed', lastErrorAt: AT,
      nextAt: AT, parkedAt: null,
    }],
    connections: connection ? [{ ...connection, state: 'revoked' }] : [],
    budgets: [
      { connectionId: 'c', modelId: null, limit: 100, remaining: 70, resetsAt: AT, pausedUntil: null },
      { connectionId: 'c', modelId: 'm', limit: 100, remaining: 7, resetsAt: AT, pausedUntil: AT },
    ],
    runningJobs: [aJob({ etaSeconds: 95 })],
    latestJobs: [aJob({ id: 'k', state: 'partly', creatorsDone: 3, reason: 'Iris Vale needs reconnecting', endedAt: AT, addedCents: 1_500 })],
  });
  expect(said).toContain('Lina Hart Earnings The scope is missing. Set aside 20 Nov, 10:30; the figures stay as they were. Sync Lina Hart');
  expect(said).toContain('Lina Hart Followers Fanvue failed. Tried again 20 Nov, 10:30.');
  expect(said).toContain('Ended by Fanvue');
  expect(said).toContain('7 of 100 requests left until 10:30. Fanvue asked us to wait until 10:30.');
  expect(said).toContain('all creators The operator 14 $0.00 1 min 43% · about 2 min left');
  expect(said).toContain('14 $15.00 1 s 3 of 4 creators synced. Iris Vale needs reconnecting.');
});

test('what the nightly proof put right has a receipt, and what it could not is told', async () => {
  expect(await health({})).toContain(
    '1 creator compared with Fanvue’s totals, all since 20 Nov, 10:30 (1m ago). Nothing had to be repaired yet.',
  );
  const proof: Status['proof'] = {
    creatorsCompared: 0, oldestComparedAt: null,
    differences: [{
      modelId: 'm', name: 'Lina Hart', day: '2026-11-12', state: 'settled', fanvueCents: 9_900, fanvueNetCents: 0, ledgerCents: 9_000,
      ledgerNetCents: 0, foundAt: AT, settledAt: AT,
    }],
  };
  const repairs = [
    aRepair({}), aRepair({ id: 's', modelId: null, modelName: null, kind: 'sums', day: null, cause: 'drifted_total', beforeCents: 500, beforeRows: 3 }),
  ];
  const said = await health({ proof }, undefined, DATA, AT, repairs);
  expect(said).toContain('Nobody was compared with Fanvue’s totals yet. 1 day differs still:');
  expect(said).toContain('Lina Hart, 12 Nov in UTC: $99.00 at Fanvue, $90.00 in the rows. Read again, and it differs all the same.');
  expect(said).toContain('20 Nov, 10:30 Lina Hart Rows 5 Nov UTC Rows were missing $0.00, 0 rows $777.77, 1 row');
  expect(said).toContain('All creators Sum All Total was not the sum of its rows $5.00, 3 rows $777.77, 1 row');
  expect(said).toContain('Show more');
  expect(said).not.toContain('Nothing had to be repaired');
});

test('a creator who failed does not stand there with nothing', async () => {
  const data = aDashboard({ models: [aCreator({ lastError: 'Fanvue failed', state: 'stale' })] });
  const [stream] = aStatus().streams;
  const said = await health({ streams: stream ? [{ ...stream, lastError: 'Fanvue failed', attempts: 3, nextSyncAt: AT }] : [] }, undefined, data, AT, [aRepair()]);
  expect(said).toContain('Last error: Fanvue failed, 3 times in a row Tried again at 10:30');
  expect(said).not.toContain('Nothing');
});

test('before a sync: what it does, whom it leaves out, what it takes', async () => {
  const creators = [
    { modelId: 'm', name: 'Lina Hart', isReadable: true, rows: 900, requests: 19 },
    { modelId: 'i', name: 'Iris Vale', isReadable: false, rows: 0, requests: 0 },
  ];
  const dialog = (plan: object) => text(<SyncDialog agencyId="a" onClose={() => {}} />, [[['plan', 'a', undefined], plan], [['job', 'j'], aJob()]]);
  const before = dialog({ dryRun: true, runningJobId: null, requests: 19, creators });
  expect(before).toContain('Reads the whole history of 1 creator from Fanvue again');
  expect(before).toContain('Nothing is deleted. 900 transactions are known already; reading them takes about 19 requests to Fanvue.');
  expect(before).toContain('Iris Vale needs reconnecting and is left out.');
  expect(before).toContain('Cancel Start sync');
  const nobody = dialog({ dryRun: true, runningJobId: null, requests: 0, creators: creators.slice(1) });
  expect(nobody).toContain('Iris Vale needs reconnecting first.');
  expect(nobody).not.toContain('Start sync');
  const joined = dialog({ dryRun: true, runningJobId: 'j', requests: 19, creators });
  expect(joined).toContain('A sync is already running (started 1 min ago). Showing its progress. Reading Maya Rossi · 2 of 4 creators · 14 new');
  expect(joined).toContain('43% · how long it takes is not known yet You can close this window; the sync goes on.');
  expect(joined).not.toContain('Start sync');
});

test('a sync that runs and can’t be looked at says so, with a way to try again', () => {
  const plan = { dryRun: true, runningJobId: 'j', requests: 19, creators: [] };
  const said = text(<SyncDialog agencyId="a" onClose={() => {}} />, [[['plan', 'a', undefined], plan]], [
    [['job', 'j'], new Refusal(503, { code: 'unavailable', detail: 'the database did not answer' })],
  ]);
  expect(said).toContain(
    'A sync is already running, but how far it is could not be loaded. The database did not answer. Close Try again',
  );
});

test('the strip shows what runs, and the end of what was seen running', async () => {
  const ended = aJob({ id: 'k', state: 'done', newRows: 28, addedCents: 123_400, endedAt: AT });
  const strip = () => text(<SyncStrip agencyId="a" />, [[['jobs', 'a'], [aJob(), ended]], [['job', 'j'], aJob()], [['job', 'k'], ended]]);
  expect(strip()).toBe('Syncing all creators Reading Maya Rossi · 2 of 4 creators · 14 new 43% · how long it takes is not known yet');
  followed.add('k');
  expect(strip()).toContain('Sync finished · 28 new transactions Revenue changed by $1,234.00. Dismiss');
  const lost = aJob({ id: 'k', state: 'partly', reason: 'Lina Hart needs reconnecting', creators: [aPart({ state: 'disconnected' })] });
  const partly = text(<SyncStrip agencyId="a" />, [[['jobs', 'a'], [lost]], [['job', 'k'], lost], [['status', 'a'], aStatus()]]);
  expect(partly).toBe('2 of 4 creators synced. Lina Hart needs reconnecting. Reconnect Dismiss');
});

test('the headline: new fans, by the same rule as before, or not known', async () => {
  const kpis = (data = DATA) => text(<Kpis data={data} filters={parse('')} isRefreshing={false} />);
  expect(kpis()).toContain('New fans More figures 1 ↓ down −50.0% · 2 paying');
  const unknown = aDashboard();
  unknown.kpiMetrics.newFans = null;
  expect(kpis(unknown)).toContain('New fans More figures — Known once every history is read');
});

test('further figures and the audience', async () => {
  const more = text(<More data={DATA} />);
  expect(more).toContain('Refunds and chargebacks −$1.00 1 transaction');
  expect(more).toContain('Per paying fan $4.00');
  expect(more).toContain('Per fan, ever — With all time');
  expect(more).toContain('Spend beyond subscription 3.5 ×');
  const audience = text(<Audience data={DATA} />);
  expect(audience).toContain('Subscribers 5 ↑ up +25.0%');
  expect(audience).toContain('Followers — Not counted in these days.');
  expect(audience).not.toContain('ended in this range');
});

test('a creator: transactions, the account, and the creator’s part of each sync', async () => {
  const asked = { agencyId: undefined, modelId: 'm', timeRange: '30d' };
  const page = {
    agency: { id: 'a', name: 'Lumen' }, currency: 'USD', timezone: 'Europe/Rome', period: { from: '2026-11-18', to: '2026-11-20' },
    transactions: [ROW, { ...ROW, id: '2', source: 'refund', category: 'refunds', amountCents: -1_500, netCents: -1_200, absentSince: AT }],
    provisional: [], provisionalCut: false, nextCursor: null, generatedAt: AT,
  };
  const others = aJob({ id: 'k', creators: [aPart({ modelId: 'other' })], newRows: 77, state: 'done', endedAt: AT });
  const hers = aJob({ state: 'done', newRows: 40, endedAt: AT, creators: [aPart({ newRows: 12, addedCents: 900, state: 'done', endedAt: AT })] });
  const said = text(<CreatorView modelId="m" />, [
    ...WHOLE, [['dashboard', asked], DATA], [['transactions', asked], { pages: [page], pageParams: [undefined] }],
    [['status', 'a'], aStatus()], [['jobs', 'a'], []], [['jobs', 'a', 'm'], [others, hers]],
  ]);
  expect(said).toContain('Sync this creator');
  expect(said).toContain('Refund — −$15.00 −$12.00 Refund Pending Missing at Fanvue Evidence');
  expect(said).toContain('Connected');
  expect(said).toContain('Last read 20 Nov, 10:30.');
  expect(said).toContain('12 $9.00 1 s Sync finished · 12 new transactions');
  expect(said).not.toContain('77');
  expect(said).toContain('Check against Fanvue');
});
