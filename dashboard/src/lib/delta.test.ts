import { expect, test } from 'vitest';

import { growth, ratio, tenths } from './delta';

test('growth is rounded as the server rounds it: halves away from zero', () => {
  expect(growth(7500, 6000)).toBe(250);
  expect(growth(6000, 7500)).toBe(-200);
  expect(growth(1999, 2000)).toBe(-1);
  expect(growth(2001, 2000)).toBe(1);
  expect(growth(2000, 2000)).toBe(0);
  expect(growth(-500, 1000)).toBe(-1500);
});

test('from nothing, or from less than nothing, nothing grows', () => {
  expect([growth(5, 0), growth(5, -10), growth(5, null)]).toEqual([null, null, null]);
});

test('large amounts keep their digits', () => {
  expect(growth(9_007_199_254_740_991, 9_007_199_254_740_991)).toBe(0);
  expect(growth(9_007_199_254_740_991, 4_503_599_627_370_495)).toBe(1000);
});

test('what the server sends with one decimal is whole tenths', () => {
  expect([tenths(-0.3), tenths(16.7), tenths(1234.1)]).toEqual([-3, 167, 12341]);
});

test('a ratio has at most two decimals', () => {
  expect([3.5, 0.745, 2, 1.005, 10 / 3].map(ratio)).toEqual(['3.5', '0.75', '2', '1', '3.33']);
});
