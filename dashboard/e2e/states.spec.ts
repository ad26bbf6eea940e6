// What the page says when not all is well. Each of these worlds is broken in earnest, one by one.

import type { Page } from '@playwright/test';

import { expect, test, World } from './world';

async function open(page: Page, path = '/') {
  await page.goto(path);
  await expect(page.getByTestId('gross')).toBeVisible();
}

/**
 * A poll's turn comes, and its answer is heard: what arrives while the clock is held waits for it.
 */
async function minute(page: Page, isThere: () => Promise<void>) {
  await page.clock.runFor(66_000);
  await expect(async () => {
    await page.clock.runFor(50);
    await isThere();
  }).toPass({ intervals: [100], timeout: 15_000 });
}

test('a sale and its refund appear on the open page', async ({ page, world }) => {
  const before = (await world.dashboard()).kpiMetrics.totalRevenueCents;
  const [creator] = (await world.dashboard()).models;
  await page.clock.install();
  await open(page);
  await page.clock.pauseAt(Date.now() + 2_000);
  const sold = { creator: creator?.fanvueUserUuid, grossCents: 123_456, netCents: 100_000, source: 'tip' };
  await world.sim('sales', sold);
  await world.tick();
  const gross = page.getByTestId('gross');
  const sum = String(before + 123_456);
  await minute(page, () => expect(gross).toHaveAttribute('data-cents', sum, { timeout: 50 }));
  await world.sim('refunds', { creator: creator?.fanvueUserUuid, kind: 'refund' });
  await world.tick();
  await minute(page, () => expect(gross).not.toHaveAttribute('data-cents', sum, { timeout: 50 }));
  await page.clock.resume();
  await page.goto(`/creators/${creator?.modelId}`);
  await expect(page.getByTestId('transaction').first()).toContainText('Refund');
});

test('what only a webhook told of is marked', async ({ page, world }) => {
  const [creator] = (await world.dashboard()).models;
  await world.sim('sales', {
    creator: creator?.fanvueUserUuid, grossCents: 7_700, source: 'tip', visibleAfterSeconds: 3_600,
  });
  const isTold = async () => (await world.dashboard()).kpiMetrics.provisionalCount;
  await expect.poll(isTold).toBe(1);
  await open(page, `/creators/${creator?.modelId}`);
  await expect(page.getByText('$77.00 of it provisional')).toBeVisible();
  await expect(page.getByTestId('transaction').first()).toContainText('Provisional');
  await expect(page.getByTestId('provenance')).toContainText('No: a part is provisional');
});

test('days without a sale are said to be such, with the way to others', async ({ page }) => {
  await open(page, '/?from=2015-01-02&to=2015-01-05');
  await expect(page.getByRole('heading', { name: 'No revenue between 2 and 5 Jan' })).toBeVisible();
  await expect(page.getByText('There was no sale before either.')).toBeVisible();
  await page.getByRole('button', { name: 'Show 30 days' }).click();
  await expect(page.getByTestId('chart')).toBeVisible();
});

test('a poll that fails keeps the last good figures and says so', async ({ page, context }) => {
  await page.clock.install();
  await open(page);
  const shown = await page.getByTestId('gross').textContent();
  await page.clock.pauseAt(Date.now() + 2_000);
  await page.route('**/api/analytics/dashboard*', (route) => route.abort());
  const notice = page.getByText('We could not refresh; trying again. The server did not answer.');
  await minute(page, async () => {
    await page.clock.runFor(1_000);
    await expect(notice).toBeVisible({ timeout: 50 });
  });
  await expect(page.getByText(/Showing figures from \d\d:\d\d\./)).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveText(shown ?? '');
  await page.unroute('**/api/analytics/dashboard*');
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.clock.resume();
  await expect(page.getByText('We could not refresh')).toHaveCount(0);
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveText(shown ?? '');
  await context.setOffline(false);
});

test('an API that is down is an error, with nothing that looks like a figure', async ({ page }) => {
  await page.route('**/api/**', (route) => route.abort());
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Revenue could not be loaded' })).toBeVisible();
  await expect(page.getByText('The server did not answer.')).toBeVisible();
  await expect(page.getByText('$')).toHaveCount(0);
  await page.unroute('**/api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('gross')).toBeVisible();
});

test('without a session it asks to sign in, keeps the filters, and keeps no secret', async ({ page, context, world }) => {
  await open(page, '/?range=90d');
  await context.clearCookies();
  await page.keyboard.press('1');
  await expect(page.getByRole('heading', { name: 'Please sign in again' })).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveCount(0);
  await page.getByLabel('Operator secret').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The server refused this secret.')).toBeVisible();
  await page.getByLabel('Operator secret').fill(world.secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByTestId('gross')).toBeVisible();
  await expect(page).toHaveURL('/?range=7d');
  const kept = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]));
  expect(kept).not.toContain(world.secret);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  expect((await downloading).suggestedFilename()).toMatch(/\.csv$/);
});

test('whoever may no longer see figures sees none of them any more', async ({ page }) => {
  await open(page);
  await page.request.get('/demo?role=viewer');
  await page.keyboard.press('1');
  await expect(page.getByRole('alert')).toContainText('Revenue could not be loaded');
  await expect(page.getByTestId('gross')).toHaveCount(0);
  await expect(page.locator('[data-cents]')).toHaveCount(0);
});

test('nobody connected yet: the way to connect', async ({ page }) => {
  const detail = 'there is no agency yet: connect a Fanvue account first';
  const problem = { status: 400, code: 'bad_parameter', field: 'agencyId', detail, requestId: 'r' };
  await page.route('**/api/analytics/dashboard*', (route) =>
    route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.route('**/api/auth/fanvue/connections*', (route) => route.fulfill({ json: { connections: [] } }));
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Connect your first creator' })).toBeVisible();
  await page.getByLabel('Agency').fill('Lumen');
  await page.getByLabel('Time zone').fill('Europe/Rome');
  const asked = page.waitForRequest((request) => request.url().includes('/login'));
  await page.getByRole('button', { name: 'Connect Fanvue' }).click();
  expect(new URL((await asked).url()).search).toBe('?agencyName=Lumen&timezone=Europe%2FRome');
});

test('a dead token: since when, and the way back', async ({ page, world }) => {
  const data = await world.dashboard();
  await world.sim('revoke', { account: 'agency' });
  const isGone = async () => {
    await world.tick();
    return (await world.dashboard()).freshness.disconnectedCount;
  };
  // A token is only exchanged early once it is a minute old.
  await world.sim('time', { advanceSeconds: 3_500 });
  await expect.poll(isGone, { timeout: 30_000 }).toBe(4);
  await open(page);
  const { time } = await import('../src/lib/dates');
  const { models } = await world.dashboard();
  const ends = models.map((one) => one.asOf ?? '').sort();
  await expect(page.getByText('4 creators are disconnected.')).toBeVisible();
  await expect(page.getByText(new RegExp(`Totals stop at .*${time(ends[0] ?? '', data.timezone)}`))).toBeVisible();
  await expect(page.getByTestId('summary')).toHaveAttribute('data-state', 'disconnected');
  await expect(page.getByTestId('live-count')).toHaveText('0 of 4 live');
  await page.goto('/sync');
  await expect(page.getByText('Ended by Fanvue')).toBeVisible();
  await page.getByTestId('connection').getByRole('button', { name: 'Reconnect' }).click();
  await expect(page.getByRole('heading', { name: 'Connect an account to Demo Agency' })).toBeVisible();
  await page.getByRole('link', { name: 'Continue to Fanvue' }).click();
  await page.waitForURL(/\/api\/auth\/fanvue\/callback/);
  await page.getByRole('link', { name: 'Go to the dashboard' }).click();
  await world.tick();
  await open(page);
  await expect(page.getByText('4 creators are disconnected.')).toHaveCount(0);
});

test('a database that is down is an error with a reference', async ({ page }) => {
  test.setTimeout(120_000);
  const world = await World.start();
  try {
    await world.settle();
    world.database('stop', '--force');
    await page.goto(world.url);
    await expect(page.getByRole('heading', { name: 'Revenue could not be loaded' })).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('The database did not answer.')).toBeVisible();
    await expect(page.getByText('Reference')).toBeVisible();
  } finally {
    await world.stop();
  }
});

test('a first sync, and one that does not come to its end', async ({ page }) => {
  test.setTimeout(120_000);
  const world = await World.start({ days: 400 });
  try {
    await world.sim('settings', { latencyMs: 700 });
    await page.goto(world.url);
    await expect(page.getByText(/Reading ([2-4] histories|.*’s history)\./)).toBeVisible();
    await expect(page.getByText(/\d+ transactions so far\./)).toBeVisible();
    const { creators } = await world.sim<{ creators: { uuid: string; name: string }[] }>('creators');
    const broken = creators[0];
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
    await world.sim('faults', undefined, 'DELETE');
    await world.settle();
    await page.reload();
    await expect(page.getByTestId('gross')).toBeVisible();
    await expect(page.getByText('creators complete.')).toHaveCount(0);
  } finally {
    await world.stop();
  }
});
