// Every figure on the page is the API's, the API's is the ledger's, and the file's too.

import { readFileSync } from 'node:fs';

import type { Creator, Point } from '../src/api';
import { count, money } from '../src/lib/money';
import { parsed } from './csv';
import { cents, expect, test } from './world';

const shown = (amount: number) => money(amount, 'USD');

test.beforeEach(({ world }) => world.calm());

test('the overview shows what the API answers, and that is what Fanvue sold', async ({ page, world }) => {
  const { grossCents } = await world.sim<{ grossCents: number }>('truth');
  const data = await world.dashboard('?timeRange=all');
  expect(data.kpiMetrics.totalRevenueCents).toBe(grossCents);
  for (const query of ['', '?range=7d', '?range=90d', '?range=1y', '?range=all']) {
    const asked = query.replace('range', 'timeRange');
    const { kpiMetrics: now, categoryBreakdown, models } = await world.dashboard(asked);
    await page.goto(`/${query}`);
    await expect(page.getByTestId('gross'), query).toHaveText(shown(now.totalRevenueCents));
    await expect(page.getByTestId('net')).toHaveText(shown(now.netRevenueCents));
    await expect(page.getByTestId('new-fans')).toHaveText(now.newFans === null ? '—' : count(now.newFans));
    await page.getByRole('button', { name: 'More figures' }).click();
    const amount = (value: number | null) => (value === null ? '—' : shown(value));
    await expect(page.getByTestId('refunds')).toHaveText(shown(now.refundsCents));
    await expect(page.getByTestId('paying-fans')).toHaveText(count(now.payingFans));
    await expect(page.getByTestId('arpu')).toHaveText(amount(now.arpuCents));
    await expect(page.getByTestId('ltv')).toHaveText(amount(now.ltvCents));
    await expect(page.getByTestId('tip-average')).toHaveText(amount(now.tipAverageCents));
    await expect(page.getByTestId('transactions')).toHaveText(count(now.transactionCount));
    await expect(page.getByTestId('categories').locator('li')).toHaveCount(categoryBreakdown.length);
    const amounts = await page.getByTestId('categories').locator('li p:first-child span:last-child').allTextContents();
    expect(amounts.filter((text) => text.includes('$')).map(cents)).toEqual(
      categoryBreakdown.map((one) => one.amountCents),
    );
    const cards = page.getByTestId('creator').locator('[data-cents]');
    await expect(cards).toHaveText(models.map((one) => shown(one.totalCents)));
  }
});

test('stack, table, file and total are the same money', async ({ page, world }) => {
  const data = await world.dashboard('?timeRange=30d');
  await page.goto('/?view=table');
  const table = page.getByTestId('revenue-table');
  await expect(table.locator('tbody tr')).toHaveCount(data.chartData.length);
  const footer = await table.locator('tfoot td').allTextContents();
  const heads = await table.locator('thead th').allTextContents();
  const gross = footer[heads.indexOf('Gross') - 1] ?? '';
  expect(cents(gross)).toBe(data.kpiMetrics.totalRevenueCents);
  const parts = footer.slice(0, heads.indexOf('Gross') - 1).map(cents);
  expect(parts.reduce((sum, one) => sum + one, 0)).toBe(data.kpiMetrics.totalRevenueCents);

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(new RegExp(`${data.period.from}.*${data.period.to}.*\\.csv$`));
  const lines = parsed(readFileSync(await download.path(), 'utf8'));
  expect(lines).toHaveLength(data.kpiMetrics.transactionCount);
  expect(lines.reduce((total, line) => total + Number(line.amountCents), 0)).toBe(data.kpiMetrics.totalRevenueCents);
});

test('refunds hang below zero, and the bar of today is hatched', async ({ page, world }) => {
  const data = await world.dashboard('?timeRange=90d');
  expect(data.chartData.some((point) => point.refundsCents < 0), 'the world has refunds').toBe(true);
  await page.goto('/?range=90d');
  const chart = page.getByTestId('chart');
  await expect(chart.getByText('−$', { exact: false }).first()).toBeVisible();
  await page.goto('/?range=7d');
  const last = data.period.to;
  const partial = chart.locator('[data-partial]');
  if ((await world.dashboard('?timeRange=7d')).chartData.at(-1)?.transactionCount) {
    await expect(chart.locator(`[data-bar="${last}"]`).locator('[data-partial]').first()).toBeAttached();
  }
  expect(await partial.count()).toBe(await chart.locator(`[data-bar="${last}"] [data-partial]`).count());
});

test('a creator has the same figures and the rows behind them', async ({ page, world }) => {
  const [creator] = (await world.dashboard()).models as [Creator];
  const data = await world.dashboard(`?modelId=${creator.modelId}`);
  const { transactions } = await world.transactions(`?modelId=${creator.modelId}&limit=25`);
  await page.goto(`/creators/${creator.modelId}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(creator.name);
  await expect(page.getByTestId('gross')).toHaveText(shown(data.kpiMetrics.totalRevenueCents));
  const rows = page.getByTestId('transaction');
  await expect(rows.locator('td:nth-child(4)')).toHaveText(transactions.map((row) => shown(row.amountCents)));
  await expect(rows.locator('time').first()).toHaveAttribute('datetime', transactions[0]?.date ?? '');
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows).toHaveCount(Math.min(50, data.kpiMetrics.transactionCount));
});

test('each row has its evidence, and a creator its account and the syncs asked for', async ({ page, world }) => {
  const [creator] = (await world.dashboard()).models as [Creator];
  const { transactions } = await world.transactions(`?modelId=${creator.modelId}&limit=1`);
  await page.goto(`/creators/${creator.modelId}`);
  const evidence = page.getByRole('button', { name: /^Evidence of/ }).first();
  await evidence.click();
  await expect(evidence).toHaveAttribute('aria-expanded', 'true');
  await expect(page.getByTestId('evidence')).toContainText(transactions[0]?.fanvueTransactionId ?? '');
  await evidence.click();
  await expect(page.getByTestId('evidence')).toHaveCount(0);
  await expect(page.getByTestId('connection')).toContainText('Connected');
  await expect(page.getByTestId('stream')).toContainText('Last read');
  await expect(page.getByRole('region', { name: 'Sync history' })).toBeVisible();
});

test('days and times are the agency’s, whatever zone the browser is in', async ({ page, world }) => {
  const [creator] = (await world.dashboard()).models as [Creator];
  const { transactions, timezone } = await world.transactions(`?modelId=${creator.modelId}&limit=1`);
  expect(timezone).toBe('Europe/Rome');
  await page.goto(`/creators/${creator.modelId}`);
  const at = new Date(transactions[0]?.date ?? '');
  const rome = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Rome' }).format(at);
  await expect(page.getByTestId('transaction').locator('time').first()).toContainText(rome);
  const { period } = await world.dashboard();
  const { span } = await import('../src/lib/dates');
  await expect(page.getByText(`${span(period.from, period.to, period.timezone)} · Europe/Rome time`)).toBeVisible();
});

test('the audience is the one that was counted, on the cards and over time', async ({ page, world }) => {
  const { chartData, models } = await world.counted();
  const newest = (of: (point: Point) => number | null) => chartData.map(of).filter((value) => value !== null).at(-1) ?? 0;
  await page.goto('/');
  await expect(page.getByTestId('subscribers')).toHaveText(count(newest((point) => point.subscribers)));
  await expect(page.getByTestId('followers')).toHaveText(count(newest((point) => point.followers)));
  for (const one of models) {
    await expect(page.getByTestId('creator').filter({ hasText: one.name })).toContainText(`${count(one.subscribers ?? 0)} subscriber`);
  }
});

test('points of the chart add up', async ({ world }) => {
  const data = await world.dashboard('?timeRange=1y');
  const { CATEGORIES } = await import('../src/api');
  for (const point of data.chartData as Point[]) {
    const sum = CATEGORIES.reduce((total, one) => total + point[`${one}Cents`], 0);
    expect(sum, point.date).toBe(point.totalCents);
  }
  expect(data.models.every((one) => one.sparkline.length === data.chartData.length)).toBe(true);
});

test('the figures come packed, and their tag is known again', async ({ request, world }) => {
  const ask = (held?: string) => request.get(`${world.url}/api/analytics/dashboard`, {
    headers: { authorization: `Bearer ${world.secret}`, ...(held === undefined ? {} : { 'if-none-match': held }) },
  });
  // The world's own schedule may confirm somebody between the two.
  await expect(async () => {
    const first = (await ask()).headers();
    expect(first['content-encoding']).toBe('gzip');
    expect(first['vary']).toContain('accept-encoding');
    expect(first['etag']).toMatch(/^W\/"/);
    const again = await ask(first['etag']);
    expect(again.status()).toBe(304);
    expect(again.headers()['etag']).toBe(first['etag']);
  }).toPass({ timeout: 20_000 });
});
