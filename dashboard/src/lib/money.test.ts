import { expect, test } from 'vitest';

import { compact, count, money, paid, percent, plural } from './money';

test('amounts are exact to the cent at any size, with a real minus', () => {
  const shown = (cents: number) => money(cents, 'USD');
  expect(shown(0)).toBe('$0.00');
  expect(shown(5)).toBe('$0.05');
  expect(shown(-5)).toBe('−$0.05');
  expect(shown(123_405)).toBe('$1,234.05');
  expect(shown(-123_400)).toBe('−$1,234.00');
  // The nearest float to 90071992547409.91 would show another cent.
  expect(shown(Number.MAX_SAFE_INTEGER)).toBe('$90,071,992,547,409.91');
  expect(shown(9_007_199_254_740_990)).toBe('$90,071,992,547,409.90');
});

test('an amount that is no whole number of cents, or too large to be one, is not told', () => {
  for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(money(wrong, 'USD')).toBe('—');
  }
});

test('the sign is that of the currency which the server names', () => {
  expect(money(100, 'EUR')).toBe('€1.00');
  expect(money(100, 'GBP')).toBe('£1.00');
});

test('every cent of a dollar is shown as itself', () => {
  for (let cents = 0; cents < 100_000; cents += 1) {
    const digits = money(cents, 'USD').replace(/[$,.]/g, '');
    if (Number(digits) !== cents) throw new Error(`${cents} is shown as ${digits}`);
  }
});

test('ticks of an axis are short', () => {
  const shown = [0, 50, 5_000, 50_000, 99_900, 100_000, 150_000, 1_250_000, -200_000, 123_000_000];
  expect(shown.map((cents) => compact(cents, 'USD'))).toEqual(
    ['$0', '$0.5', '$50', '$500', '$999', '$1K', '$1.5K', '$12.5K', '−$2K', '$1.23M'],
  );
});

test('percentages come from tenths', () => {
  expect(percent(371)).toBe('37.1%');
  expect(percent(-3)).toBe('−0.3%');
  expect(percent(41, true)).toBe('+4.1%');
  expect(percent(0, true)).toBe('0.0%');
  expect(percent(123_456, true)).toBe('+12,345.6%');
});

test('counts', () => {
  expect(count(-1234)).toBe('−1,234');
  expect([plural(1, 'row'), plural(0, 'row'), plural(2, 'history', 'histories')]).toEqual(
    ['1 row', '0 rows', '2 histories'],
  );
});

test('what a fan paid is told with its currency, or not at all', () => {
  expect(paid(1_250, 'EUR')).toBe('€12.50 EUR');
  expect(paid(null, 'EUR')).toBeNull();
  expect(paid(1_250, null)).toBeNull();
  expect(paid(1_250, 'no currency')).toBeNull();
});
