import { expect, test } from 'vitest';

import { CATEGORIES, type Category, type Point } from '../api';
import { aPoint } from '../samples';
import { labels, layout, MARGIN, sparkline } from './geometry';

const SIZE = { width: 800, height: 300 };
const ALL: ReadonlySet<Category> = new Set(CATEGORIES);

function point(given: Partial<Record<Category, number>>, previousTotalCents: number | null = null): Point {
  const cents = Object.fromEntries(Object.entries(given).map(([name, value]) => [`${name}Cents`, value])) as Partial<Point>;
  return aPoint({ ...cents, totalCents: Object.values(given).reduce((sum, one) => sum + one, 0), previousTotalCents });
}

test('a stack is as high as its total, and its blocks touch without overlapping', () => {
  const chart = layout([point({ subscriptions: 10_000, messages: 30_000, tips: 60_000 })], ALL, SIZE, true);
  const blocks = chart.bars[0]?.blocks ?? [];
  expect(blocks.map((block) => block.category)).toEqual(['subscriptions', 'messages', 'tips']);
  const perCent = (chart.zero - MARGIN.top) / 100_000;
  expect(blocks.map((block) => block.height / perCent)).toEqual(
    [10_000, 30_000, 60_000].map((cents) => expect.closeTo(cents, 3)),
  );
  expect(blocks[0] && blocks[0].y + blocks[0].height).toBeCloseTo(chart.zero);
  expect(blocks[1] && blocks[1].y + blocks[1].height).toBeCloseTo(blocks[0]?.y ?? Number.NaN);
});

test('refunds hang below zero and take nothing from what stands above', () => {
  const chart = layout([point({ messages: 20_000, refunds: -10_000 })], ALL, SIZE, true);
  const [message, refund] = chart.bars[0]?.blocks ?? [];
  expect(refund?.y).toBeCloseTo(chart.zero);
  expect(message && message.y + message.height).toBeCloseTo(chart.zero);
  expect(message?.height).toBeCloseTo((refund?.height ?? 0) * 2);
  expect(chart.zero).toBeLessThan(SIZE.height - MARGIN.bottom);
  expect(chart.ticks.some((tick) => tick.cents < 0)).toBe(true);
  for (const bar of chart.bars) {
    for (const block of bar.blocks) {
      expect(block.height).toBeGreaterThan(0);
      expect(block.y + block.height).toBeLessThanOrEqual(SIZE.height - MARGIN.bottom + 1e-9);
    }
  }
});

test('any category may be below zero', () => {
  const chart = layout([point({ tips: -5_000 }), point({ tips: 5_000 })], ALL, SIZE, true);
  expect(chart.bars[0]?.blocks[0]?.y).toBeCloseTo(chart.zero);
  expect(chart.bars[1]?.blocks[0]?.y).toBeLessThan(chart.zero);
});

test('the earlier period is inside the picture, has gaps where nothing is compared, and can be left out', () => {
  const points = [point({ tips: 100 }, 50_000), point({ tips: 100 }, null), point({ tips: 100 }, 20_000)];
  const chart = layout(points, ALL, SIZE, true);
  expect(chart.previous.match(/M/g)).toHaveLength(2);
  expect(Math.max(...chart.ticks.map((tick) => tick.cents))).toBe(50_000);
  expect(layout(points, ALL, SIZE, false).previous).toBe('');
});

test('without any revenue there is an axis all the same', () => {
  const chart = layout([point({}), point({})], ALL, SIZE, true);
  expect(chart.ticks.length).toBeGreaterThan(2);
  expect(chart.zero).toBeCloseTo(SIZE.height - MARGIN.bottom);
  expect(chart.bars.flatMap((bar) => bar.blocks)).toEqual([]);
});

test('what was switched off is neither drawn nor counted', () => {
  const chart = layout([point({ tips: 100_000, posts: 100 })], new Set(['posts'] as const), SIZE, false);
  expect(chart.bars[0]?.blocks.map((block) => block.category)).toEqual(['posts']);
  expect(chart.ticks.at(-1)?.cents).toBeLessThanOrEqual(100);
});

test('labels never touch', () => {
  expect(labels(30, 24, 800)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  expect(labels(7, 100, 800)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a small line shows a fall below zero as one', () => {
  const { line, area } = sparkline([0, -100, 100], { width: 100, height: 20 });
  const heights = [...line.matchAll(/,([\d.]+)/g)].map((match) => Number(match[1]));
  expect(heights).toEqual([10, 18.5, 1.5]);
  expect(area).toContain('Z');
  expect(sparkline([], { width: 100, height: 20 }).line).toBe('');
});
