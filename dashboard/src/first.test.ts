import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

import { afterEach, expect, test, vi } from 'vitest';

import { address, get, PATHS } from './api';
import { takeFirst, type FirstQuestion } from './first';
import { params, parse } from './lib/filters';
import { money } from './lib/money';
import { keepSecret } from './session';

const SCRIPT = readFileSync(new URL('../public/first.js', import.meta.url), 'utf8');
const URL_30 = '/api/analytics/dashboard?timeRange=30d';

/** Runs the script as if the page stood at `path`, and says what it asked. */
function asked(path: string, fetch = vi.fn(() => Promise.resolve(new Response('{}')))): FirstQuestion | undefined {
  const { pathname, search } = new URL(path, 'https://heartbeat.example');
  const world: { firstQuestion?: FirstQuestion } & Record<string, unknown> = {
    location: { pathname, search }, URLSearchParams, fetch, document: { documentElement: { dataset: {} } },
  };
  runInNewContext(SCRIPT, world);
  return world.firstQuestion;
}

afterEach(() => {
  globalThis.firstQuestion = undefined;
  keepSecret(null);
  vi.unstubAllGlobals();
});

test('it asks just what the program asks first', () => {
  for (const search of ['', '?range=7d', '?range=all&view=table', '?range=2d', '?agency=a%26b&range=90d', '?agency=', '?compare=off&sort=name']) {
    const filters = parse(search);
    for (const [path, modelId] of [['/', undefined], ['/sync', undefined], ['/creators/0b1c-2', '0b1c-2']] as const) {
      expect(asked(path + search)?.url, path + search).toBe(address(PATHS.dashboard, params(filters, modelId)));
    }
  }
});

test('it asks nothing where it can’t know what the program will', () => {
  for (const path of ['/?from=2026-09-03&to=2026-09-21', '/?from=x', '/nowhere', '/creators/', '/creators/a/b', '/creators/a%20b']) {
    expect(asked(path), path).toBeUndefined();
  }
});

/** What the script writes into the first card when the server answers so, or `null` where it leaves the skeletons; and after a while. */
async function painted(answer: Response, path = '/'): Promise<[string | null, string | null]> {
  const skeletons = ['skeleton'];
  const card = { children: skeletons, replaceChildren: (...parts: unknown[]) => { card.children = parts as string[]; } };
  const amount = { textContent: '' };
  const figure = { querySelector: () => amount };
  const later: (() => void)[] = [];
  runInNewContext(SCRIPT, {
    location: new URL(path, 'https://heartbeat.example'), URLSearchParams, fetch: () => Promise.resolve(answer),
    setTimeout: (then: () => void) => later.push(then),
    document: {
      documentElement: { dataset: {} }, querySelector: () => card, getElementById: () => ({ content: { cloneNode: () => figure } }),
    },
  });
  const seen = () => (card.children[0] === (figure as unknown) ? amount.textContent : null);
  await new Promise((resolve) => setTimeout(resolve));
  const first = seen();
  for (const then of later) then();
  return [first, seen()];
}

const told = (totalRevenueCents: number, given: object = {}, status = 200) =>
  new Response(JSON.stringify({ models: [{}], currency: 'USD', kpiMetrics: { totalRevenueCents }, ...given }), { status });

test('of a good answer it writes the sum as the program does, and takes it away where no program comes', async () => {
  for (const cents of [0, 5, -5, 99, 100, -123_405, 2_123_036, 100_000_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
    expect(await painted(told(cents))).toEqual([money(cents, 'USD'), null]);
  }
  expect(await painted(told(1_250), '/creators/0b1c-2')).toEqual(['$12.50', null]);
});

test('it writes no sum that the program would not', async () => {
  const nothing = [null, null];
  for (const status of [401, 403, 500]) expect(await painted(told(100, {}, status)), `${status}`).toEqual(nothing);
  expect(await painted(told(100), '/sync')).toEqual(nothing);
  expect(await painted(told(100, { models: [] })), 'nobody is connected').toEqual(nothing);
  expect(await painted(told(100, { currency: 'EUR' })), 'a sign that it does not know').toEqual(nothing);
  for (const cents of [0.5, 2 ** 53]) expect(await painted(told(cents))).toEqual(nothing);
  expect(await painted(new Response('{}'))).toEqual(nothing);
  expect(await painted(new Response('not json'))).toEqual(nothing);
});

test('a tab that comes back is not given what the browser kept, unasked', () => {
  const fetch = vi.fn((_url: string, _asked: RequestInit) => Promise.resolve(new Response('{}')));
  asked('/', fetch as never);
  expect(fetch).toHaveBeenCalledWith(URL_30, expect.objectContaining({ cache: 'no-cache', credentials: 'same-origin' }));
});

test('its answer is taken once, by whoever asks the same, and asked for again after that', async () => {
  globalThis.firstQuestion = asked('/');
  const again = vi.fn(() => Promise.resolve(new Response('{"revision":2}')));
  vi.stubGlobal('fetch', again);
  await get(PATHS.dashboard, { timeRange: '7d' });
  expect(again).toHaveBeenCalledTimes(1);
  expect((await get(PATHS.dashboard, { timeRange: '30d' })).body).toEqual({});
  expect(again).toHaveBeenCalledTimes(1);
  expect((await get(PATHS.dashboard, { timeRange: '30d' })).body).toEqual({ revision: 2 });
});

test('a secret asks for itself, and old news is none', async () => {
  globalThis.firstQuestion = asked('/');
  const again = vi.fn(() => Promise.resolve(new Response('{"revision":2}')));
  vi.stubGlobal('fetch', again);
  keepSecret('secret');
  expect((await get(PATHS.dashboard, { timeRange: '30d' })).body).toEqual({ revision: 2 });
  const old = asked('/');
  globalThis.firstQuestion = old && { ...old, sentAt: Date.now() - 60_000 };
  expect(takeFirst(URL_30)).toBeUndefined();
});

test('a failure is told to whoever takes it, and to nobody else', async () => {
  const broken = () => vi.fn(() => Promise.reject(new TypeError('no network')));
  asked('/', broken());
  globalThis.firstQuestion = asked('/', broken());
  await expect(get(PATHS.dashboard, { timeRange: '30d' })).rejects.toMatchObject({ status: 0, code: 'no_answer' });
});
