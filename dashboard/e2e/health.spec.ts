// Sync health: what it says is what the server says, and every trouble has its way out.

import type { Diagnosed, Diagnosis, Repair, Status } from '../src/api';
import { moment } from '../src/lib/dates';
import { money } from '../src/lib/money';
import { CAUSES, message, ordered, RESULTS } from '../src/lib/reconcile';
import { repaired, troubled } from './trouble';
import { expect, test } from './world';

const DIAGNOSE = '**/api/fanvue/diagnose-revenue*';

const shown = (amount: number) => money(amount, 'USD');

test('the comparison is the server’s, and its dashboard column is the dashboard', async ({ page, world }) => {
  await world.tick();
  const said = await world.get<Diagnosis>('/api/fanvue/diagnose-revenue');
  const { models, kpiMetrics } = await world.dashboard('?timeRange=all');
  expect(said.shown.cents).toBe(kpiMetrics.totalRevenueCents);
  await page.goto('/sync');
  const table = page.getByTestId('reconciliation');
  const rows = table.getByTestId('reconciled');
  await expect(rows).toHaveCount(models.length);
  for (const [index, one] of ordered(said.creators).entries()) {
    const row = rows.nth(index);
    await expect(row.getByRole('rowheader').first()).toContainText(one.name);
    const cells = row.locator(':scope > td');
    await expect(cells.nth(0)).toContainText(shown(one.shown.cents));
    await expect(cells.nth(1)).toContainText(shown(one.ledger.cents));
    await expect(cells.nth(2)).toContainText(one.fanvue === null ? '—' : shown(one.fanvue.cents));
    // Nothing is known to differ where nothing was compared: that is no difference of $0.00.
    const isCompared = one.fanvue !== null || one.differenceCents !== 0;
    await expect(cells.nth(3)).toHaveText(isCompared ? shown(one.differenceCents) : '—');
    await expect(cells.nth(4)).toContainText(RESULTS[one.result]);
    await expect(cells.nth(4)).toContainText(message(one, 'USD'));
    for (const { cause } of one.differences) await expect(row.locator(`[data-cause="${cause}"]`)).toContainText(CAUSES[cause]);
    expect(models.find((each) => each.modelId === one.modelId)?.totalCents).toBe(one.shown.cents);
  }
  const foot = table.locator('tfoot');
  const cells = foot.locator('td');
  await expect(cells.nth(0)).toContainText(shown(said.shown.cents));
  const sum = (of: (one: Diagnosed) => number) => said.creators.reduce((total, one) => total + of(one), 0);
  await expect(cells.nth(1)).toContainText(shown(sum((one) => one.ledger.cents)));
  await expect(cells.nth(2)).toContainText(said.fanvue === null ? '—' : shown(said.fanvue.cents));
  await expect(cells.nth(3)).toHaveText(shown(said.differenceCents));
  const compared = said.creators.filter((one) => one.fanvue !== null).length;
  await expect(foot).toContainText(`${compared} of ${said.creators.length} compared`);
});

test('it is compared when it is opened, and again when somebody says so', async ({ page }) => {
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/diagnose-revenue')) asked += 1;
  });
  await page.goto('/sync');
  await expect(page.getByTestId('reconciled').first()).toBeVisible();
  expect(asked).toBe(1);
  const answered = page.waitForResponse((response) => response.url().includes('/diagnose-revenue'));
  await page.getByRole('button', { name: 'Check again' }).click();
  await answered;
  expect(asked).toBe(2);
  // Another view and back is no reason to ask Fanvue again.
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page.getByTestId('gross')).toBeVisible();
  await page.getByRole('link', { name: /^Sync health/ }).click();
  await expect(page.getByTestId('reconciled').first()).toBeVisible();
  expect(asked).toBe(2);
});

test('checked again, what a closer look said before gives way to it', async ({ page }) => {
  let isTroubled = true;
  await page.route(DIAGNOSE, (route) => (isTroubled ? troubled(route) : route.continue()));
  await page.goto('/sync');
  const name = await page.locator('[data-testid=reconciled][data-result=mismatch]').getByRole('rowheader').first().textContent();
  const row = page.getByTestId('reconciled').filter({ has: page.getByRole('rowheader', { name: name ?? '' }) }).first();
  const closer = page.waitForResponse((response) => response.url().includes('depth=rows'));
  await row.getByRole('button', { name: /^Compare row by row/ }).click();
  await closer;
  await expect(row).toHaveAttribute('aria-busy', 'false');
  await expect(row).toHaveAttribute('data-result', 'mismatch');
  isTroubled = false;
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/diagnose-revenue')) asked.push(request.url());
  });
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(row).not.toHaveAttribute('data-result', 'mismatch');
  // Looking closer is counted: nobody does it unasked.
  expect(asked.filter((url) => url.includes('depth=rows'))).toEqual([]);
  expect(asked).toHaveLength(1);
});

test('an old comparison is no verdict, and is made anew for whoever comes back to it', async ({ page, world }) => {
  const past = new Date((await world.now()).getTime() - 660_000).toISOString();
  let asked = 0;
  await page.route(DIAGNOSE, async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    const response = await route.fetch();
    const said = (await response.json()) as Diagnosis;
    const creators = said.creators.map((one) => ({ ...one, result: 'mismatch', differenceCents: -100 }));
    return route.fulfill({ response, json: { ...said, asked: { ...said.asked, at: past }, creators } });
  });
  await page.clock.install({ time: await world.now() });
  await page.goto('/sync');
  const old = page.getByTestId('past');
  await expect(old).toContainText('These are the totals of then');
  await expect(page.getByTestId('reconciled').first()).toContainText('Mismatch then');
  await expect(page.getByText(/Needs attention:.*mismatch/)).toHaveCount(0);
  const back = () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  // Who only looked away for a moment asks nothing of Fanvue.
  await back();
  await page.clock.fastForward(660_000);
  await page.waitForTimeout(300);
  expect(asked).toBe(1);
  await back();
  await expect(old).toHaveCount(0);
  await expect(page.getByTestId('reconciled').first()).not.toContainText('Mismatch then');
  expect(asked).toBe(2);
});

test('repairs are the server’s receipts, page by page', async ({ page, world }) => {
  const said = await world.get<{ repairs: Repair[] }>('/api/sync/repairs?limit=10');
  await page.goto('/sync');
  const card = page.getByRole('region', { name: 'Repairs', exact: true });
  await expect(card.getByTestId('proof')).toContainText(/compared with Fanvue’s totals/);
  await expect(card.getByTestId('repair')).toHaveCount(said.repairs.length);
  await page.route('**/api/sync/repairs*', repaired);
  await page.reload();
  const rows = card.getByTestId('repair');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('Rows were missing');
  await expect(rows.first()).toContainText('$0.00, 0 rows');
  await expect(rows.first()).toContainText('$777.77, 1 row');
  await expect(rows.nth(1)).toContainText('Total was not the sum of its rows');
  const asked = page.waitForRequest((request) => request.url().includes('cursor=next'));
  await card.getByRole('button', { name: 'Show more' }).click();
  await asked;
  await expect(rows).toHaveCount(3);
  await expect(card.getByRole('button', { name: 'Show more' })).toHaveCount(0);
});

test('no repairs, and repairs that can’t be had, are not the same', async ({ page }) => {
  const problem = { status: 503, code: 'unavailable', title: 'x', type: 'x', detail: 'the database did not answer', requestId: 'r' };
  await page.route('**/api/sync/repairs*', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.goto('/sync');
  const card = page.getByRole('region', { name: 'Repairs', exact: true });
  await expect(card.getByRole('alert')).toContainText('The database did not answer.');
  await expect(card.getByText('Nothing had to be repaired yet.')).toHaveCount(0);
  await page.unroute('**/api/sync/repairs*');
  await page.route('**/api/sync/repairs*', (route) => route.fulfill({ json: { agencyId: 'a', repairs: [], nextCursor: null } }));
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(card.getByText('Nothing had to be repaired yet.')).toBeVisible();
});

test('accounts say what they may, and audiences how they are read', async ({ page, world }) => {
  const status = await world.status();
  await page.goto('/sync');
  const account = page.getByTestId('connection').first();
  await expect(account).toContainText('Connected');
  for (const scope of status.connections[0]?.scopes ?? []) await expect(account).toContainText(scope);
  await expect(page.getByTestId('audience-streams').locator('tbody tr')).toHaveCount(status.audience.length);
});

test('what is set aside is named, with why, since when, and the button that takes it up', async ({ page, world }) => {
  const { models, timezone } = await world.dashboard();
  const [one] = models;
  const since = '2026-11-20T09:30:00Z';
  await page.route('**/api/sync/status*', async (route) => {
    const response = await route.fetch();
    const status = (await response.json()) as Status;
    const parked = [{ modelId: one?.modelId ?? '', name: one?.name ?? '', since, reason: 'the scope read:insights is missing', call: '' }];
    await route.fulfill({ response, json: { ...status, parked } });
  });
  await page.goto('/sync');
  const parked = page.getByTestId('parked');
  await expect(parked).toContainText('The scope read:insights is missing.');
  await expect(parked).toContainText(`Set aside ${moment(since, timezone, (await world.now()).getTime())}`);
  await expect(page.getByText('Needs attention:')).toBeVisible();
  await parked.getByRole('button', { name: `Sync ${one?.name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Sync ${one?.name}` });
  await expect(dialog).toContainText(`Reads the whole history of ${one?.name}`);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
});

test('a comparison that fails says so, and all else is there', async ({ page }) => {
  const problem = { status: 503, code: 'unavailable', title: 'x', type: 'x', detail: 'the database did not answer', requestId: 'r' };
  await page.route('**/api/fanvue/diagnose-revenue*', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.goto('/sync');
  await expect(page.getByRole('alert')).toContainText('The database did not answer.');
  await expect(page.getByTestId('connection').first()).toBeVisible();
  await page.unroute('**/api/fanvue/diagnose-revenue*');
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('reconciled').first()).toBeVisible();
});
