// The page, the API, the ledger and Fanvue say one and the same money: each is summed anew here, from the rows.

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { CATEGORIES, type CategorySum, type Creator, type DashboardAnswer, type Row } from '../src/api';
import { NAMES } from '../src/lib/categories';
import { growth, tenths } from '../src/lib/delta';
import { count, money, percent } from '../src/lib/money';
import { parsed, type Line } from './csv';
import { cents, expect, test, type World } from './world';

const RANGES = ['7d', '30d', '90d', '1y', 'all'];
const shown = (amount: number) => money(amount, 'USD');

test.beforeEach(({ world }) => world.calm());

async function rows(world: World, query: string): Promise<Line[]> {
  const response = await world.fetch(`/api/analytics/export.csv${query}`);
  expect(response.status).toBe(200);
  // `text()` would take the mark of UTF-8 away.
  return parsed(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer()));
}

function sum(lines: Line[], of: 'amountCents' | 'netCents' = 'amountCents'): number {
  return lines.reduce((total, line) => total + Number(line[of]), 0);
}

/** Cents over a number, halves away from zero; nothing of nothing. */
function average(total: number, of: number): number | null {
  if (of === 0) return null;
  const size = Math.trunc((2 * Math.abs(total) + of) / (2 * of));
  return total < 0 ? -size : size;
}

for (const range of RANGES) {
  test(`every figure of the API is the sum of the ledger’s rows: ${range}`, async ({ world }) => {
    const data = await world.dashboard(`?timeRange=${range}`);
    const lines = await rows(world, `?timeRange=${range}`);
    const now = data.kpiMetrics;
    expect(lines.length, 'the world has sold').toBeGreaterThan(20);
    expect(lines.every((line) => line.state === 'booked')).toBe(true);
    expect([now.totalRevenueCents, now.netRevenueCents, now.transactionCount]).toEqual([sum(lines), sum(lines, 'netCents'), lines.length]);
    const of = (category: string) => lines.filter((line) => line.category === category);
    const [refunds, tips] = [of('refunds'), of('tips')];
    expect([now.refundsCents, now.refundCount]).toEqual([sum(refunds), refunds.length]);
    expect(now.tipAverageCents).toBe(average(sum(tips), tips.length));
    expect(now.averageTransactionCents).toBe(average(sum(lines) - sum(refunds), lines.length - refunds.length));

    for (const one of data.categoryBreakdown) {
      const its = of(one.category);
      expect([one.amountCents, one.netCents, one.transactionCount], one.category).toEqual([sum(its), sum(its, 'netCents'), its.length]);
    }
    const sold = data.categoryBreakdown.filter((one) => one.transactionCount > 0);
    expect(sold.map((one) => one.category).sort()).toEqual([...new Set(lines.map((line) => line.category))].sort());
    for (const one of data.models) {
      const theirs = lines.filter((line) => line.modelId === one.modelId);
      expect([one.totalCents, one.netCents, one.transactionCount], one.name).toEqual([sum(theirs), sum(theirs, 'netCents'), theirs.length]);
    }
    for (const point of data.chartData) {
      const its = lines.filter((line) => point.date <= line.day && line.day <= point.endDate);
      expect([point.totalCents, point.netCents, point.transactionCount], point.date).toEqual([sum(its), sum(its, 'netCents'), its.length]);
      for (const one of CATEGORIES) expect(point[`${one}Cents`], `${point.date} ${one}`).toBe(sum(its.filter((line) => line.category === one)));
    }
  });
}

test('the ledger’s rows are Fanvue’s, creator by creator and day by day', async ({ world }) => {
  type Day = { date: string; rows: number; grossCents: number; netCents: number };
  const { creators } = await world.sim<{ creators: { uuid: string; days: Day[] }[] }>('truth?by=day&timezone=Europe/Rome');
  const lines = await rows(world, '?timeRange=all');
  const { models } = await world.dashboard('?timeRange=all');
  for (const { uuid, days } of creators) {
    const model = models.find((one) => one.fanvueUserUuid === uuid);
    const theirs = lines.filter((line) => line.modelId === model?.modelId);
    const found = new Map<string, Line[]>();
    for (const line of theirs) found.set(line.day, [...(found.get(line.day) ?? []), line]);
    const held = [...found].sort(([a], [b]) => a.localeCompare(b)).map(([date, its]) => (
      { date, rows: its.length, grossCents: sum(its), netCents: sum(its, 'netCents') }
    ));
    expect(held, model?.name).toEqual(days);
  }
});

test('the file holds every row that the list has, whole and as numbers', async ({ page, world }) => {
  await page.goto('/?range=90d');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const lines = parsed(readFileSync(await (await downloading).path(), 'utf8'));
  const listed: Row[] = [];
  for (let cursor = ''; ; ) {
    const { transactions, nextCursor } = await world.transactions(`?timeRange=90d&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    listed.push(...transactions);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  const told = (one: { id: string; amountCents: unknown; netCents: unknown; date: string; day: string; category: string; source: string }) =>
    [one.id, String(one.amountCents), String(one.netCents), Date.parse(one.date), one.day, one.category, one.source].join(' ');
  expect(lines.map(told).sort()).toEqual(listed.map(told).sort());
  for (const line of lines) {
    expect(line.amount, line.id).toMatch(/^-?\d+\.\d\d$/);
    expect(Number(line.amount.replace('.', '')), line.id).toBe(Number(line.amountCents));
    expect(line.date, line.id).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    // No text that a spreadsheet would take for a formula.
    for (const text of [line.modelName, line.fanName, line.fanHandle]) expect(text).not.toMatch(/^[=+\-@]/);
  }
});

/** All that is named an amount in an answer. */
function amountsIn(answer: unknown): Set<number> {
  const found = new Set<number>();
  const visit = (value: unknown, name: string) => {
    if (typeof value === 'number' && name.endsWith('Cents')) found.add(value);
    else if (Array.isArray(value)) value.forEach((one) => visit(one, name));
    else if (value !== null && typeof value === 'object') for (const [key, one] of Object.entries(value)) visit(one, key);
  };
  visit(answer, '');
  return found;
}

/** All amounts that can be read on the page; those of an axis are round, and have no cents. */
async function amountsOn(page: Page): Promise<number[]> {
  const text = await page.getByRole('main').innerText();
  return [...text.matchAll(/−?\$[\d,]+\.\d\d(?![\dKMB])/g)].map(([one]) => cents(one));
}

test('no amount stands on the page that the API did not say', async ({ page, world }) => {
  test.setTimeout(120_000);
  const [creator] = (await world.dashboard()).models as [Creator];
  for (const range of RANGES) {
    for (const [path, query] of [['/', ''], [`/creators/${creator.modelId}`, `&modelId=${creator.modelId}`]] as const) {
      const said = amountsIn(await world.dashboard(`?timeRange=${range}${query}`));
      for (const one of amountsIn(await world.transactions(`?timeRange=${range}${query}&limit=25`))) said.add(one);
      await page.goto(`${path}?range=${range}`);
      await page.getByRole('button', { name: 'More figures' }).click();
      await expect(page.getByTestId('more')).toBeVisible();
      await expect(page.getByTestId('provenance')).toBeVisible();
      if (query) await expect(page.getByTestId('transaction').first()).toBeVisible();
      const found = await amountsOn(page);
      expect(found.length, 'amounts are found at all').toBeGreaterThan(15);
      expect(found.filter((one) => !said.has(one)), `${path} ${range}`).toEqual([]);
    }
  }
});

test('shares, changes and counts are those of the same figures', async ({ page, world }) => {
  const data = await world.dashboard('?timeRange=30d');
  await page.goto('/');
  const now = data.kpiMetrics;
  const before = now.previous;
  expect(before, 'there is something to compare with').not.toBeNull();
  const kpis = page.getByTestId('kpis');
  const change = (one: number, earlier: number | undefined) => percent(growth(one, earlier ?? 0) ?? Number.NaN, true);
  await expect(kpis).toContainText(`${percent(tenths(now.revenueGrowth ?? Number.NaN), true)} vs previous 30 days`);
  expect(tenths(now.revenueGrowth ?? Number.NaN)).toBe(growth(now.totalRevenueCents, before?.totalRevenueCents ?? 0));
  await expect(kpis).toContainText(change(now.netRevenueCents, before?.netRevenueCents));
  await expect(kpis).toContainText(change(now.transactionCount, before?.transactionCount));
  await expect(kpis).toContainText(`${shown(now.averageTransactionCents ?? Number.NaN)} average`);
  await expect(kpis).toContainText(`${count(now.payingFans)} paying`);
  await expect(page.getByTestId('provenance')).toContainText(`${count(now.transactionCount)} rows in this range`);

  const lines = page.getByTestId('categories').locator('li');
  await expect(lines).toHaveCount(data.categoryBreakdown.length);
  const earned = data.categoryBreakdown.reduce((total, one) => total + Math.max(0, one.amountCents), 0);
  for (const [index, one] of data.categoryBreakdown.entries()) await category(lines.nth(index), one, earned);
  await creators(page, data);
});

async function category(line: ReturnType<Page['locator']>, one: CategorySum, earned: number): Promise<void> {
  const name = NAMES[one.category];
  await expect(line).toContainText(`${name} ${count(one.transactionCount)}`);
  await expect(line).toContainText(shown(one.amountCents));
  const size = Math.trunc((2 * Math.abs(one.amountCents) * 1_000 + earned) / (2 * earned));
  await expect(line, name).toContainText(percent(one.amountCents < 0 ? -size : size));
  const change = one.amountCents < 0 ? null : growth(one.amountCents, one.previousAmountCents);
  if (change !== null) await expect(line, name).toContainText(percent(change, true));
}

async function creators(page: Page, data: DashboardAnswer): Promise<void> {
  const cards = page.getByTestId('creator');
  await expect(cards).toHaveCount(data.models.length);
  for (const one of data.models) {
    const card = cards.filter({ hasText: one.name });
    await expect(card).toContainText(shown(one.totalCents));
    const change = growth(one.totalCents, one.previousTotalCents);
    await expect(card).toContainText(change === null ? 'New · no earlier data' : `${percent(change, true)} vs previous 30 days`);
  }
}

test('the table is the chart’s points, cell by cell, and its foot their sums', async ({ page, world }) => {
  for (const range of ['30d', '1y']) {
    const { chartData } = await world.dashboard(`?timeRange=${range}`);
    await page.goto(`/?view=table&range=${range}`);
    const table = page.getByTestId('revenue-table');
    await expect(table.locator('tbody tr')).toHaveCount(chartData.length);
    const there = CATEGORIES.filter((one) => chartData.some((point) => point[`${one}Cents`] !== 0));
    const heads = ['Gross', 'Net', 'Transactions', 'Previous'];
    expect((await table.locator('thead th').allTextContents()).slice(1)).toEqual([...there.map((one) => NAMES[one]), ...heads]);
    for (const [index, point] of chartData.entries()) {
      await expect(table.locator('tbody tr').nth(index).locator('td')).toHaveText([
        ...there.map((one) => shown(point[`${one}Cents`])), shown(point.totalCents), shown(point.netCents), count(point.transactionCount),
        point.previousTotalCents === null ? '—' : shown(point.previousTotalCents),
      ]);
    }
    const all = (of: (point: (typeof chartData)[number]) => number) => chartData.reduce((total, point) => total + of(point), 0);
    await expect(table.locator('tfoot td')).toHaveText([
      ...there.map((one) => shown(all((point) => point[`${one}Cents`]))), shown(all((point) => point.totalCents)),
      shown(all((point) => point.netCents)), count(all((point) => point.transactionCount)),
      shown(all((point) => point.previousTotalCents ?? 0)),
    ]);
  }
});
