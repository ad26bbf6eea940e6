// The states of the page, brought about in earnest where a world of a minute can be, with the words that it says then. Each is
// played for a test and for its picture: `take` is called where there is something to see.

import type { Page } from '@playwright/test';

import type { DashboardAnswer } from '../src/api';
import { day, time } from '../src/lib/dates';
import { expect, type World } from './world';

/** Told in each state how it is called, and what is to be read there. */
export type Take = (name: string, words: string) => Promise<void>;
export type Act = (page: Page, world: World, take: Take) => Promise<void>;

export const unseen: Take = async () => {};

export const DASHBOARD = '**/api/analytics/dashboard*';

export async function open(page: Page, world: World, path = '/'): Promise<void> {
  await page.goto(world.url + path);
  await expect(page.getByTestId('gross')).toBeVisible();
}

/** The page with everybody live: the world's own schedule may be reading just now. */
export async function openLive(page: Page, world: World): Promise<DashboardAnswer> {
  let data: DashboardAnswer | undefined;
  await expect(async () => {
    await world.tick();
    const answered = page.waitForResponse((response) => response.url().includes('/analytics/dashboard'));
    await open(page, world);
    data = (await (await answered).json()) as DashboardAnswer;
    await expect(page.getByTestId('live-count')).toHaveText('4 of 4 live', { timeout: 1_000 });
  }).toPass({ timeout: 40_000 });
  return data as DashboardAnswer;
}

/**
 * A poll's turn comes, and its answer is heard. Second by second: an answer is waited for 20 seconds of this time only, so these
 * may not pass faster than a server answers; one that came too late is asked for again.
 */
export async function minute(page: Page, isThere: () => Promise<void>): Promise<void> {
  for (let second = 1; ; second += 1) {
    await page.clock.runFor(1_000);
    try {
      await isThere();
      return;
    } catch (error) {
      if (second >= 90) throw error;
    }
  }
}

/** Both ends of five minutes, while no request succeeds. */
export const ages: Act = async (page, world, take) => {
  // The page's clock is held at the server's instants: it has to agree with it.
  await page.clock.install({ time: await world.now() });
  const { models } = await openLive(page, world);
  const confirmed = models.map((one) => Date.parse(one.confirmedAt ?? ''));
  await page.route('**/api/**', (route) => route.abort());
  await page.clock.pauseAt(Math.min(...confirmed) + 298_500);
  await expect(page.getByTestId('summary')).toHaveAttribute('data-state', 'live');
  await expect(page.getByTestId('live-count')).toHaveText('4 of 4 live');
  await take('live', 'Live · 4m ago · 4 of 4 live');
  await page.clock.runFor(Math.max(...confirmed) - Math.min(...confirmed) + 2_600);
  await expect(page.getByTestId('live-count')).toHaveText('0 of 4 live');
  await expect(page.getByTestId('summary')).toHaveAttribute('data-state', 'stale');
  await expect(page.getByTestId('indicator')).toHaveCount(4);
  for (const one of await page.getByTestId('indicator').all()) {
    await expect(one).toHaveAttribute('data-state', 'stale');
    await expect(one).toContainText('5m ago');
  }
  await take('stale', '5m ago · 0 of 4 live');
};

export const connectFirst: Act = async (page, world, take) => {
  const detail = 'there is no agency yet: connect a Fanvue account first';
  const problem = { status: 400, code: 'bad_parameter', field: 'agencyId', detail, requestId: 'r' };
  await page.route(DASHBOARD, (route) =>
    route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.route('**/api/auth/fanvue/connections*', (route) => route.fulfill({ json: { connections: [] } }));
  await page.goto(world.url);
  await expect(page.getByRole('heading', { name: 'Connect your first creator' })).toBeVisible();
  await expect(page.getByText('Revenue appears here a minute or two after you connect a Fanvue account.')).toBeVisible();
  await page.getByLabel('Agency').fill('Lumen');
  await page.getByLabel('Time zone').fill('Europe/Rome');
  await take('connect-first', 'Connect your first creator. Revenue appears here a minute or two after you connect a Fanvue account.');
  const asked = page.waitForRequest((request) => request.url().includes('/login'));
  await page.getByRole('button', { name: 'Connect Fanvue' }).click();
  expect(new URL((await asked).url()).search).toBe('?agencyName=Lumen&timezone=Europe%2FRome');
};

export const noBaseline: Act = async (page, world, take) => {
  const { kpiMetrics } = await world.dashboard('?timeRange=1y');
  expect(kpiMetrics.revenueGrowth, 'the world is younger than a year').toBeNull();
  await open(page, world, '/?range=1y');
  await expect(page.getByTestId('kpis')).toContainText('New · no earlier data');
  await take('no-baseline', 'New · no earlier data');
};

export const pollFails: Act = async (page, world, take) => {
  await page.clock.install();
  await open(page, world);
  const shown = await page.getByTestId('gross').textContent();
  await page.clock.pauseAt(Date.now() + 10_000);
  await page.route(DASHBOARD, (route) => route.abort());
  const notice = page.getByText('We could not refresh; trying again. The server did not answer.');
  await minute(page, async () => {
    await page.clock.runFor(1_000);
    await expect(notice).toBeVisible({ timeout: 50 });
  });
  await expect(page.getByText(/Showing figures from \d\d:\d\d\./)).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveText(shown ?? '');
  await take('poll-failed', 'Showing figures from 14:02. We could not refresh; trying again. [Retry now]');
  await page.unroute(DASHBOARD);
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.clock.resume();
  await expect(page.getByText('We could not refresh')).toHaveCount(0);
  await page.context().setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await expect(page.getByText(/Figures from \d\d:\d\d\./)).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveText(shown ?? '');
  await take('offline', 'You are offline. Figures from 14:02.');
  // Other days can't be asked for now: what stays is as old as it was.
  const told = await page.getByText(/Figures from \d\d:\d\d\./).textContent();
  await page.keyboard.press('1');
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.getByText(told ?? '')).toBeVisible();
  await page.context().setOffline(false);
};

export const apiDown: Act = async (page, world, take) => {
  await page.route('**/api/**', (route) => route.abort());
  await page.goto(world.url);
  await expect(page.getByRole('heading', { name: 'Revenue could not be loaded' })).toBeVisible();
  await expect(page.getByText('The server did not answer.')).toBeVisible();
  await expect(page.getByText('$')).toHaveCount(0);
  await take('api-down', 'Revenue could not be loaded. The server did not answer. [Try again]');
  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('gross')).toBeVisible();
};

/** Of a world of its own. */
export const databaseDown: Act = async (page, world, take) => {
  await world.settle();
  world.database('stop', '--force');
  await page.goto(world.url);
  await expect(page.getByRole('heading', { name: 'Revenue could not be loaded' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('The database did not answer.')).toBeVisible();
  await expect(page.getByText('Reference')).toBeVisible();
  await expect(page.getByText('$')).toHaveCount(0);
  await take('database-down', 'Revenue could not be loaded. The database did not answer. Reference … [Try again]');
};

export const sessionEnded: Act = async (page, world, take) => {
  await open(page, world, '/?range=90d');
  await page.context().clearCookies();
  await page.keyboard.press('1');
  await expect(page.getByRole('heading', { name: 'Please sign in again' })).toBeVisible();
  await expect(page.getByText('Your filters are kept.')).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveCount(0);
  await take('session-ended', 'Please sign in again. Your filters are kept.');
};

export const notAllowed: Act = async (page, world, take) => {
  await open(page, world);
  await page.request.get(`${world.url}/demo?role=viewer`);
  await page.keyboard.press('1');
  await expect(page.getByRole('alert')).toContainText('Revenue could not be loaded');
  await expect(page.getByTestId('gross')).toHaveCount(0);
  await expect(page.locator('[data-cents]')).toHaveCount(0);
  await take('not-allowed', 'Revenue could not be loaded. [Try again]: what somebody may no longer see does not stay on the screen.');
};

/** Fanvue ends the account's consent, and the world notices. */
export async function disconnect(world: World, creators: number): Promise<void> {
  await world.sim('revoke', { account: 'agency' });
  // A token is only exchanged early once it is a minute old.
  await world.sim('time', { advanceSeconds: 3_500 });
  const isGone = async () => {
    await world.tick();
    return (await world.dashboard()).freshness.disconnectedCount;
  };
  await expect.poll(isGone, { timeout: 30_000 }).toBe(creators);
}

export const deadToken: Act = async (page, world, take) => {
  await disconnect(world, 4);
  await open(page, world);
  const { models, timezone } = await world.dashboard();
  const ends = models.map((one) => one.asOf ?? '').sort();
  await expect(page.getByText('4 creators are disconnected.')).toBeVisible();
  await expect(page.getByText(new RegExp(`Totals stop at .*${time(ends[0] ?? '', timezone)}`))).toBeVisible();
  await expect(page.getByTestId('summary')).toHaveAttribute('data-state', 'disconnected');
  await expect(page.getByTestId('live-count')).toHaveText('0 of 4 live');
  await take('disconnected-all', '4 creators are disconnected. Totals stop at 19 Nov, 23:52. Reconnect to catch up. [Reconnect]');
  await page.goto(`${world.url}/sync`);
  await expect(page.getByText('Ended by Fanvue')).toBeVisible();
  await page.getByTestId('connection').getByRole('button', { name: 'Reconnect' }).click();
  await expect(page.getByRole('heading', { name: 'Connect an account to Demo Agency' })).toBeVisible();
  await page.getByRole('link', { name: 'Continue to Fanvue' }).click();
  await page.waitForURL(/\/api\/auth\/fanvue\/callback/);
  await page.getByRole('link', { name: 'Go to the dashboard' }).click();
  await world.tick();
  await open(page, world);
  await expect(page.getByText('4 creators are disconnected.')).toHaveCount(0);
};

/** Of a world of its own that is slow: three histories are read to their end, and one is not. */
export const partialSync: Act = async (page, world, take) => {
  await page.goto(world.url);
  await expect(page.getByText(/Reading ([2-4] histories|.*’s history)\./)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/\d+ transactions so far\./)).toBeVisible();
  const { creators } = await world.sim<{ creators: { uuid: string; name: string }[] }>('creators');
  // The longest.
  const broken = creators[1];
  const fault = { match: { creator: broken?.uuid }, fault: { status: 500 }, times: null };
  await world.sim('faults', fault);
  await world.sim('settings', { latencyMs: 0 });
  const incomplete = async () => {
    await world.tick();
    return (await world.dashboard()).models.filter((one) => one.asOf === null).length;
  };
  await expect.poll(incomplete, { timeout: 60_000 }).toBe(1);
  await page.goto(world.url);
  await expect(page.getByText('3 of 4 creators complete.')).toBeVisible();
  await expect(page.getByText(`${broken?.name} could not be read to the end`)).toBeVisible();
  await expect(page.getByText('Not compared while histories are incomplete')).toBeVisible();
  await take('partial-sync', '3 of 4 creators complete. Iris Vale could not be read to the end; it is tried again by itself.');
  await world.sim('faults', undefined, 'DELETE');
  await world.settle();
  await page.reload();
  await expect(page.getByTestId('gross')).toBeVisible();
  await expect(page.getByText('creators complete.')).toHaveCount(0);
};

/** Of a slow world of one creator: the first sync, days without a sale, a token that Fanvue ended. */
export const oneCreator: Act = async (page, world, take) => {
  await page.goto(world.url);
  // Between connecting and the first read it is said to be next; then that it is read.
  await expect(page.getByText(/Reading .*’s history\.|’s history is read next\./)).toBeVisible();
  await expect(page.locator('[data-testid=indicator][data-state=syncing]')).toContainText('Syncing', { timeout: 20_000 });
  await expect(page.getByText(/Reading .*’s history\./)).toBeVisible();
  await expect(page.getByText(/[\d,]+ transactions so far\. You can leave this page\./)).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: /transactions so far/ }), 'the count is not read out').toHaveCount(0);
  await take('first-sync', 'Reading Lina’s history. 1,240 transactions so far. You can leave this page.');
  await world.sim('settings', { latencyMs: 0 });
  const name = (await world.settle()).models[0]?.name ?? '';

  // Subscriptions are renewed for months after the last new one, never for less than three.
  await world.sim('time', { advanceSeconds: 12 * 7 * 86_400 });
  const soldInNextWeek = async () => {
    await world.sim('time', { advanceSeconds: 7 * 86_400 });
    await world.tick();
    return (await world.dashboard('?timeRange=7d')).kpiMetrics.transactionCount;
  };
  await expect.poll(soldInNextWeek, { timeout: 60_000, intervals: [50] }).toBe(0);
  const last = (await world.transactions('?timeRange=all&limit=1')).transactions[0]?.day ?? '';
  await page.goto(`${world.url}/?range=7d`);
  await expect(page.getByRole('heading', { name: /^No revenue between / })).toBeVisible();
  await expect(page.getByText(`The last sale was on ${day(last)}`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show 30 days' })).toBeVisible();
  await take('no-sales', 'No revenue between 1 and 7 Nov. The last sale was on 29 Oct. [Show 30 days]');

  await disconnect(world, 1);
  await open(page, world, '/?range=30d');
  await expect(page.getByText(`${name} is disconnected.`)).toBeVisible();
  await expect(page.getByText(/Totals stop at \d+ \w+, \d\d:\d\d\. Reconnect to catch up\./)).toBeVisible();
  await expect(page.getByTestId('indicator')).toContainText('Disconnected');
  await take('disconnected', 'Iris Vale is disconnected. Totals stop at 19 Nov, 23:52. Reconnect to catch up. [Reconnect]');
  await page.goto(`${world.url}/sync`);
  await expect(page.getByTestId('reconciled')).toContainText('Fanvue refused our token. Reconnect first.');
  await take('cannot-check', 'Fanvue refused our token. Reconnect first. [Reconnect]');
};
