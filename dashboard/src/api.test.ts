import { readFileSync } from 'node:fs';

import { afterEach, expect, test, vi } from 'vitest';

import { client, TARGET } from '../scripts/client.mjs';
import { address, CATEGORIES, get, PATHS, post, Refusal, TOO_LATE, type Category, type Creator, type Dashboard, type Point } from './api';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('the types are those of the API’s description', async () => {
  const isSame = readFileSync(TARGET, 'utf8') === (await client());
  expect(isSame, 'the API has changed: npm run client').toBe(true);
}, 30_000);

// What follows `@ts-expect-error` has to be refused by the compiler, or `npm run typecheck` fails.
test('what is misspelt, or not cents, does not compile', () => {
  const never = (): void => {
    // @ts-expect-error: there is no such path
    void get('/api/analytics/dashboards', {});
    // @ts-expect-error: nor such a range
    void get(PATHS.dashboard, { timeRange: '31d' });
    // @ts-expect-error: nor such a parameter
    void get(PATHS.dashboard, { model: 'x' });
    // @ts-expect-error: what is in braces has to be told
    void get(PATHS.job, {});
    // @ts-expect-error: that is a GET
    void post(PATHS.status, {});
    // @ts-expect-error: decimals of money are not there
    void ((data: Dashboard) => data.kpiMetrics.totalRevenue);
    // @ts-expect-error: at any depth
    void ((data: Dashboard) => data.categoryBreakdown[0]?.sources[0]?.amount);
    // @ts-expect-error: nor of one creator
    void ((creator: Creator) => creator.total);
    void ((data: Dashboard): number => data.kpiMetrics.totalRevenueCents);
    void ((point: Point): number => point.messagesCents);
    void (async (): Promise<string> => (await get(PATHS.job, { id: 'x' })).body.message);
    void (async (): Promise<boolean> => (await post(PATHS.refresh, { connectionId: 'x' })).owesCreators);
  };
  expect(never).toBeTypeOf('function');
});

test('every category is listed', () => {
  const all: Record<Category, true> = {
    subscriptions: true, renewals: true, messages: true, tips: true, posts: true, referrals: true, other: true, refunds: true,
  };
  expect([...CATEGORIES].sort()).toEqual(Object.keys(all).sort());
});

test('addresses hold what is set, and what belongs into the path stands there', () => {
  expect(address(PATHS.dashboard, { agencyId: undefined, timeRange: '7d' })).toBe('/api/analytics/dashboard?timeRange=7d');
  expect(address(PATHS.job, { id: 'a/b' })).toBe('/api/sync/jobs/a%2Fb');
  expect(address(PATHS.forceSync, { dryRun: false })).toBe('/api/fanvue/force-sync-revenue');
  expect(address(PATHS.transactions, { limit: 25, cursor: undefined })).toBe('/api/analytics/transactions?limit=25');
});

function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const fetch = vi.fn(async () => new Response(body, { status, headers }));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

async function refused(asking: Promise<unknown>): Promise<Refusal> {
  const error = await asking.then(() => null, (error: unknown) => error);
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

test('a refusal says what the server said', async () => {
  const problem = {
    type: 'about:blank', title: 'x', status: 429, code: 'cooling_down', detail: 'a moment ago', requestId: 'req_1', jobId: 'job_1',
  };
  answering(429, JSON.stringify(problem), { 'retry-after': '240' });
  const error = await refused(post(PATHS.forceSync, {}));
  expect(error).toMatchObject({
    status: 429, code: 'cooling_down', detail: 'a moment ago', requestId: 'req_1', jobId: 'job_1', retryAfterSeconds: 240, field: null,
  });
});

test('an error without words still has a status and a reference', async () => {
  answering(502, '<html>', { 'x-request-id': 'req_2' });
  const error = await refused(get(PATHS.status, {}));
  expect(error).toMatchObject({
    status: 502, code: 'unknown', detail: 'The server answered 502.', requestId: 'req_2', retryAfterSeconds: null,
  });
  answering(200, '<html>', { 'x-request-id': 'req_3' });
  expect(await refused(get(PATHS.status, {}))).toMatchObject({ status: 200, code: 'unreadable', requestId: 'req_3' });
});

test('what the browser kept is shown only when the server says that it holds', async () => {
  const fetch = answering(200, '{}');
  await get(PATHS.status, {});
  expect(fetch).toHaveBeenCalledWith('/api/sync/status', expect.objectContaining({ cache: 'no-cache' }));
});

test('what changes something is posted, with its words in the query', async () => {
  const fetch = answering(202, '{"joined":true,"job":{}}');
  expect(await post(PATHS.forceSync, { modelId: 'm' })).toEqual({ joined: true, job: {} });
  expect(fetch).toHaveBeenCalledWith(
    '/api/fanvue/force-sync-revenue?modelId=m', expect.objectContaining({ method: 'POST', credentials: 'same-origin' }),
  );
});

/** A server that takes every question and answers none; those that were given up. */
function silent(body = false): string[] {
  const given: string[] = [];
  vi.stubGlobal('fetch', vi.fn((url: string, { signal }: RequestInit) => new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => {
      given.push(url);
      reject(signal.reason as Error);
    });
    if (body) resolve(new Response(new ReadableStream()));
  })));
  return given;
}

test('an answer that does not come is no answer, after 20 seconds; nor is one that does not end', async () => {
  vi.useFakeTimers();
  for (const isBegun of [false, true]) {
    const given = silent(isBegun);
    const asking = refused(get(PATHS.status, {}));
    await vi.advanceTimersByTimeAsync(19_999);
    expect(given).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await asking).toMatchObject({ status: 0, code: TOO_LATE, detail: 'The server did not answer.' });
    expect(given).toEqual(['/api/sync/status']);
  }
});

test('the first question is not waited for any longer, though nobody can stop it', async () => {
  vi.useFakeTimers();
  globalThis.firstQuestion = { url: '/api/sync/status', sentAt: Date.now(), answer: new Promise(() => {}) };
  const asking = refused(get(PATHS.status, {}));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await asking).toMatchObject({ status: 0, code: TOO_LATE });
});

test('whoever does not want it any more gives it up at once, and that is no refusal', async () => {
  const given = silent();
  const leaving = new AbortController();
  const asking = get(PATHS.status, {}, leaving.signal).catch((error: unknown) => error);
  leaving.abort();
  expect(await asking).toMatchObject({ name: 'AbortError' });
  expect(given).toEqual(['/api/sync/status']);
});
