import { expect, test } from 'vitest';

import { axis, band, linear, path, step, surface } from './scale';

test('an axis holds all values, in round whole steps of 1, 2 or 5', () => {
  for (let low = -7_777_777; low <= 0; low += 777_777) {
    for (const high of [1, 3, 99, 4_242, 50_000, 123_456, 9_999_999, 123_456_789_012]) {
      const { ticks, ...ends } = axis(low, high, 5);
      const by = (ticks[1] ?? 0) - (ticks[0] ?? 0);
      expect(ends.low).toBeLessThanOrEqual(low);
      expect(ends.high).toBeGreaterThanOrEqual(high);
      expect([ticks[0], ticks.at(-1)]).toEqual([ends.low, ends.high]);
      expect(ticks.length, `${low} to ${high}`).toBeLessThanOrEqual(10);
      expect(String(by)).toMatch(/^[125]0*$/);
    }
  }
  expect(axis(0, 50_000, 5)).toEqual({ low: 0, high: 50_000, ticks: [0, 10_000, 20_000, 30_000, 40_000, 50_000] });
  expect(axis(-100, 2_500, 5).ticks).toEqual([-500, 0, 500, 1_000, 1_500, 2_000, 2_500]);
});

test('a step is never a part of a cent', () => {
  expect(step(0, 1, 5)).toBe(1);
  expect(axis(0, 1, 5).ticks).toEqual([0, 1]);
});

test('values become pixels, also where all of them are one', () => {
  const y = linear([0, 100], [200, 0]);
  expect([0, 25, 100].map(y)).toEqual([200, 150, 0]);
  expect(linear([5, 5], [0, 10])(5)).toBe(0);
});

test('bars fill their room and no more', () => {
  const bars = band(4, [50, 450], 0.2, 0.1);
  expect(bars.x(0)).toBeCloseTo(50 + bars.step * 0.1);
  expect(bars.x(3) + bars.width).toBeCloseTo(450 - bars.step * 0.1);
  expect(bars.x(1) - bars.x(0) - bars.width).toBeCloseTo(bars.step * 0.2);
});

test('a line is broken where nothing is known', () => {
  const [a, b] = [{ x: 0, y: 1 }, { x: 1.234, y: 2 }];
  expect(path([a, b])).toBe('M0,1L1.23,2');
  expect(path([a, null, b, a])).toBe('M0,1M1.23,2L0,1');
  expect(path([null, null])).toBe('');
  expect(surface([a, b], 9)).toBe('M0,1L1.23,2L1.23,9L0,9Z');
  expect(surface([], 9)).toBe('');
});
