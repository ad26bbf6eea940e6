// The words of every state that the page may be in, to the letter. That the states come about is tested in Chromium.

import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Refusal, type Creator, type Dashboard, type State } from '../api';
import { isReading, pause, type DashboardQuery } from '../hooks/data';
import { parse } from '../lib/filters';
import { aCreator, aDashboard, AT, aJob, aStatus } from '../samples';
import { ConnectionBanner, HistoryBanner, StaleNotice } from '../components/banners';
import { NoRevenue } from '../components/empty';
import { Gate, Skeletons } from '../components/gate';
import { CreatorIndicator, SummaryIndicator } from '../components/indicator';
import { JobProgress, JobResult } from '../components/job';
import { Kpis } from '../components/kpis';
import { noteAnswer } from '../session';
import { drawn, text, type Known } from './drawn';

const told = vi.hoisted(() => ({ isOnline: true }));
const NOW = Date.parse(AT) + 60_000;

vi.mock('../hooks/time', () => ({
  useNow: () => Date.parse('2026-11-20T09:31:00Z'), useCalmBusy: (isBusy: boolean) => isBusy, useOnline: () => told.isOnline, useLater: () => true, useBelow: () => 'stands',
}));
vi.stubGlobal('document', { addEventListener: () => {}, hidden: false, documentElement: { dataset: {} } });
vi.stubGlobal('navigator', { onLine: true });

beforeEach(() => {
  vi.setSystemTime(NOW);
});
afterEach(() => {
  vi.useRealTimers();
});

const query = (given: Partial<Record<keyof DashboardQuery, unknown>>) => given as unknown as DashboardQuery;
const gate = (given: Parameters<typeof query>[0], known: Known = []) => text(<Gate query={query(given)}>{() => 'figures'}</Gate>, known);
const of = (...models: Creator[]): Dashboard => aDashboard({ models });

test('loading, and nothing to look at yet', () => {
  expect(drawn(<Gate query={query({})}>{() => null}</Gate>)).toContain('role="status" aria-label="Loading revenue"');
  const first = gate({ data: of() });
  expect(first).toContain('Connect your first creator Revenue appears here a minute or two after you connect a Fanvue account.');
  expect(first).toContain('Connect Fanvue');
  expect(gate({ data: of(aCreator()) })).toBe('figures');
});

test('what is painted before the program is here stands where the program paints it', () => {
  const document = readFileSync(new URL('../../index.html', import.meta.url), 'utf8').replace(/>\s+</g, '><').replaceAll('class=', 'className=');
  expect(document).toContain(drawn(<Skeletons />).replaceAll('class=', 'className='));
  const shell = readFileSync(new URL('../components/shell.tsx', import.meta.url), 'utf8');
  const words = (text: string) => new Set([...text.matchAll(/className="([^"]+)"/g)].map(([, all]) => all));
  const frame = [...words(document.slice(0, document.indexOf('data-testid')))].filter((all) => !all?.includes('skeleton') && all !== 'space-y-4');
  expect(frame.length).toBeGreaterThan(4);
  for (const all of frame.filter((one) => !one?.startsWith('mb-4 flex items-center'))) expect(words(shell), all).toContain(all);
});

test('the figure that is painted before the program is here looks as the program paints it', () => {
  const document = readFileSync(new URL('../../index.html', import.meta.url), 'utf8');
  const figure = document.slice(document.indexOf('<template id="figure">'), document.indexOf('</template>'));
  const kpis = drawn(<Kpis data={of(aCreator())} filters={parse('')} isRefreshing={false} />);
  const [, words, label] = /<h2 (class="[^"]*">)([\w ]+)/.exec(figure) ?? [];
  expect(kpis).toContain(`<h2 ${words}${label}<`);
  const [look] = /<p class="[^"]*"/.exec(figure) ?? [];
  expect(kpis).toContain(`${look} data-testid="gross"`);
  // A test that waits for the program's figure is not to take this one for it.
  expect(figure).not.toContain('data-testid');
});

test('a first sync', () => {
  const lina = aCreator({ asOf: null, confirmedAt: null, state: 'syncing', rowsSoFar: 1_240 });
  expect(text(<HistoryBanner data={of(lina)} />)).toBe('Reading Lina Hart’s history. 1,240 transactions so far. You can leave this page.');
  const maya = { ...lina, modelId: 'n', name: 'Maya Rossi' };
  const all = of(lina, { ...maya, rowsSoFar: 60 }, { ...maya, modelId: 'p', state: 'never', rowsSoFar: 0 }, aCreator({ modelId: 'o' }));
  expect(text(<HistoryBanner data={all} />)).toBe(
    'Reading 2 histories. 1,300 transactions so far. 1 other next. 1 of 4 creators complete. You can leave this page.',
  );
  // What counts all the time is not read out all the time.
  const told = [...drawn(<HistoryBanner data={of(lina)} />).matchAll(/role="status"[^>]*>([^<]*)</g)].map(([, words]) => words);
  expect(told).toEqual(['Reading Lina Hart’s history.']);
  const stuck = of({ ...lina, state: 'stale' }, aCreator({ modelId: 'o' }));
  expect(text(<HistoryBanner data={stuck} />)).toBe(
    '1 of 2 creators complete. Lina Hart could not be read to the end; it is tried again by itself. Their figures are too low until then.',
  );
});

test('a history that nobody reads yet does not look as if somebody did', () => {
  const lina = aCreator({ asOf: null, confirmedAt: null, state: 'never', rowsSoFar: 0, reason: 'its history has not been read yet' });
  const next = of(lina);
  expect(text(<HistoryBanner data={next} />)).toBe(
    'Lina Hart’s history is read next. That begins by itself, with the next sync. You can leave this page.',
  );
  const lost = of({ ...lina, reason: 'no Fanvue account is connected' }, aCreator({ modelId: 'o' }));
  expect(text(<HistoryBanner data={lost} />)).toBe(
    'No account is connected that reads Lina Hart. Nothing was read of them yet, and nothing will be before. Connect Fanvue',
  );
  for (const data of [next, lost]) {
    expect(drawn(<HistoryBanner data={data} />)).not.toContain('spinning');
    expect(isReading(data)).toBe(false);
  }
  // Who was just connected is looked for often, for as long as a first read may take to begin; nobody's account is not.
  expect([0, 599_999, 600_000].map((open) => pause(next, open) < 10_000)).toEqual([true, true, false]);
  expect(pause(lost, 0)).toBeGreaterThan(50_000);
  const reading = of({ ...lina, state: 'syncing' });
  expect([isReading(reading), pause(reading, 86_400_000) < 10_000]).toEqual([true, true]);
});

test('days without a sale', () => {
  const days = (from: string, to: string, last: string | null) => {
    const data = aDashboard();
    const filters = parse(`?from=${from}&to=${to}`);
    const asked = { agencyId: 'a', modelId: undefined, endDate: dayBefore(from), startDate: dayBefore(from, 3_600) };
    return text(
      <NoRevenue data={{ ...data, period: { ...data.period, from, to } }} filters={filters} onChange={() => {}} />,
      [[['last-sale', asked], last]],
    );
  };
  expect(days('2026-11-14', '2026-11-20', '2026-10-29')).toBe('No revenue between 14 and 20 Nov The last sale was on 29 Oct. Show 30 days');
  // After days that are long over there may have been others.
  expect(days('2026-11-01', '2026-11-07', '2026-10-29')).toBe('No revenue between 1 and 7 Nov The last sale before was on 29 Oct. Show 30 days');
  expect(days('2026-11-01', '2026-11-01', null)).toBe('No revenue on 1 Nov There was no sale before either. Show 30 days');
  expect(days('2025-01-02', '2025-01-05', '2024-12-30')).toBe(
    'No revenue between 2 and 5 Jan 2025 The last sale before was on 30 Dec 2024. Show 30 days',
  );
  expect(days('2025-11-01', '2025-11-01', '2025-10-29')).toBe('No revenue on 1 Nov 2025 The last sale before was on 29 Oct 2025. Show 30 days');
});

test('days of which not all was read are not said to be without a sale', () => {
  const unread = aCreator({ state: 'stale', asOf: null, confirmedAt: null });
  const says = (data: Dashboard, search = '') => text(<NoRevenue data={data} filters={parse(search)} onChange={() => {}} />);
  expect(says(of(unread))).toBe('Nothing read yet in these days 0 of 1 history is complete. Show all time');
  expect(says(of(unread, aCreator({ modelId: 'o' })), '?range=7d')).toBe(
    'Nothing read yet in these days 1 of 2 histories are complete. Show 30 days',
  );
  expect(says(of(unread), '?range=all')).toBe('Nothing read yet 0 of 1 history is complete.');
  expect(says(of(aCreator()), '?range=all')).toBe('No revenue yet Every history was read; there is no sale in any of them.');
});

function dayBefore(day: string, days = 1): string {
  const at = Date.parse(`${day}T12:00:00Z`) - (days === 1 ? 1 : days) * 86_400_000;
  return new Date(at).toISOString().slice(0, 10);
}

test('a poll that failed, and no network', () => {
  const error = new Refusal(0, { code: 'no_answer', detail: 'The server did not answer.' });
  const failed = query({ data: of(aCreator()), isError: true, error, dataUpdatedAt: Date.parse(AT) });
  expect(text(<StaleNotice query={failed} />)).toBe(
    'Showing figures from 10:30. We could not refresh; trying again. The server did not answer. Retry now',
  );
  told.isOnline = false;
  expect(text(<StaleNotice query={failed} />)).toBe('You are offline. Figures from 10:30.');
  // Of another range that nobody answered yet there is no such time; what stands in for it has one. Nor is it of today for ever.
  const other = query({ data: of(aCreator()), isPlaceholderData: true, dataUpdatedAt: 0 });
  expect(text(<StaleNotice query={other} />)).toBe('You are offline. Figures from 10:30.');
  vi.setSystemTime(NOW + 86_400_000);
  expect(text(<StaleNotice query={other} />)).toBe('You are offline. Figures from 20 Nov, 10:30.');
  vi.setSystemTime(NOW);
  told.isOnline = true;
  expect(text(<StaleNotice query={query({ data: of(aCreator()), isError: false })} />)).toBe('');
});

test('nothing could be loaded: what the error proves, and no more', () => {
  const error = new Refusal(503, { code: 'unavailable', detail: 'the database did not answer', requestId: 'req_8f31' });
  expect(gate({ error })).toBe('Revenue could not be loaded The database did not answer. Try again Reference req_8f31');
});

test('no session', () => {
  const error = new Refusal(401, { code: 'unauthorized', detail: 'who is asking?' });
  expect(gate({ error })).toContain('Please sign in Operator secret');
  noteAnswer();
  expect(gate({ error, data: of(aCreator()) })).toContain('Please sign in again Your filters are kept. Operator secret');
});

test('a dead token', () => {
  const iris = aCreator({ name: 'Iris Vale', state: 'disconnected', asOf: '2026-11-19T22:52:00Z' });
  const connections = aStatus().connections.map((one) => ({ ...one, state: 'revoked' }));
  const banner = (data: Dashboard) => text(<ConnectionBanner data={data} />, [[['connections', 'a'], connections]]);
  expect(banner(of(iris, aCreator({ modelId: 'o' })))).toBe(
    'Iris Vale is disconnected. Totals stop at 19 Nov, 23:52. Reconnect to catch up. Reconnect',
  );
  expect(banner(of(iris, { ...iris, modelId: 'o', asOf: null }))).toBe(
    '2 creators are disconnected. Their history is incomplete. Reconnect to catch up. Reconnect',
  );
});

test('an indicator for each state, never by colour alone', () => {
  const at = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();
  const says: [State, number | null, string][] = [
    ['live', 125, 'Live · 2m ago'], ['live', 299, 'Live · 4m ago'], ['live', 300, 'Not live, last confirmed 5m ago'],
    ['stale', 22 * 60, 'Not live, last confirmed 22m ago'], ['syncing', 22 * 60, 'Syncing · 22m ago'], ['never', null, 'Never synced'],
    ['disconnected', 26 * 3_600, 'Disconnected · 1d ago'],
  ];
  for (const [state, age, words] of says) {
    const creator = aCreator({ state, confirmedAt: age === null ? null : at(age), asOf: age === null ? null : at(age) });
    expect(text(<CreatorIndicator creator={creator} toldAt={NOW} />), state).toBe(words);
  }
  const creators = [aCreator({ confirmedAt: at(60) }), aCreator({ state: 'stale', confirmedAt: at(22 * 60) }), aCreator({ state: 'disconnected' })];
  const summary = text(<SummaryIndicator creators={creators} toldAt={NOW} isRefreshing={false} />);
  expect(summary, 'as old as the oldest who is connected').toBe('Not live, last confirmed 22m ago Refreshing 1 of 3 live');
});

test('a request on its way hides no age, only what is live', () => {
  const at = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();
  const hidden = (creator: Creator) => {
    const html = drawn(<SummaryIndicator creators={[creator]} toldAt={NOW} isRefreshing />);
    return /row-start-1 invisible"/.test(html);
  };
  expect(hidden(aCreator({ confirmedAt: at(60) }))).toBe(true);
  expect(hidden(aCreator({ state: 'syncing', confirmedAt: at(60) }))).toBe(true);
  expect(hidden(aCreator({ state: 'live', confirmedAt: at(22 * 60) }))).toBe(false);
  expect(hidden(aCreator({ state: 'stale', confirmedAt: at(22 * 60) }))).toBe(false);
  expect(hidden(aCreator({ state: 'disconnected', confirmedAt: at(60) }))).toBe(false);
});

test('a sync that waits for Fanvue, and its ends', () => {
  const paused = aJob({ state: 'paused', pausedUntil: new Date(NOW + 40_000).toISOString() });
  expect(text(<JobProgress job={paused} />)).toBe('Fanvue asked us to slow down. Continuing in 40 s. 43%');
  expect(text(<JobProgress job={aJob({})} />)).toContain('Reading Maya Rossi · 2 of 4 creators · 14 new');
  const ended = (given: Parameters<typeof aJob>[0]) => text(<JobResult job={aJob({ endedAt: AT, ...given })} />);
  expect(ended({ state: 'done', newRows: 28 })).toBe('Sync finished · 28 new transactions');
  expect(ended({ state: 'done', newRows: 0 })).toBe('Sync finished · nothing new');
  expect(ended({ state: 'partly', creatorsDone: 3, reason: 'Iris Vale needs reconnecting' })).toBe('3 of 4 creators synced. Iris Vale needs reconnecting.');
});

test('nothing to compare with is no growth', () => {
  const data = aDashboard();
  data.kpiMetrics.revenueGrowth = null;
  expect(text(<Kpis data={data} filters={parse('')} isRefreshing={false} />)).toContain('$8.00 New · no earlier data');
});
