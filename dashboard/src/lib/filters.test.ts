import { expect, test } from 'vitest';

import { comparison, params, parse, write } from './filters';

test('an address and its filters say the same', () => {
  for (const search of [
    '', '?range=7d', '?range=all&compare=off', '?from=2026-11-01&to=2026-11-07&view=table',
    '?agency=a-b&range=1y&sort=name',
  ]) {
    expect(write(parse(search))).toBe(search);
  }
});

test('nonsense in an address is the usual', () => {
  for (const search of [
    '?range=31d', '?from=2026-02-30&to=2026-03-01', '?from=2026-03-02&to=2026-03-01',
    '?from=2026-03-02', '?sort=x&view=y&compare=on',
  ]) {
    expect(write(parse(search)), search).toBe('');
  }
});

test('the server is asked for the same days, as days', () => {
  expect(params(parse(''))).toMatchObject({ timeRange: '30d' });
  expect(params(parse('?from=2026-11-01&to=2026-11-07'), 'm')).toEqual({
    agencyId: undefined, modelId: 'm', startDate: '2026-11-01', endDate: '2026-11-07',
  });
});

test('it says what it is compared with', () => {
  expect(comparison(parse('?range=1y'))).toBe('vs previous 12 months');
  expect(comparison(parse('?from=2026-11-01&to=2026-11-07'))).toBe('vs previous 7 days');
  expect(comparison(parse('?from=2026-11-01&to=2026-11-01'))).toBe('vs the day before');
});
