import { expect, test } from 'vitest';

import type { Creator } from '../api';
import { aCreator } from '../samples';
import { standing, summary, unbegun } from './freshness';

const TOLD = Date.parse('2026-11-21T12:00:00.500Z');

function creator(given: Partial<Creator>): Creator {
  return aCreator({ asOf: '2026-11-21T11:58:00Z', confirmedAt: '2026-11-21T11:58:00Z', ageSeconds: 120, ...given });
}

test('live ends exactly at five minutes, without anybody being asked', () => {
  const lina = creator({});
  const confirmed = Date.parse('2026-11-21T11:58:00Z');
  expect(standing(lina, TOLD, confirmed + 299_999)).toEqual({ state: 'live', ageSeconds: 299 });
  expect(standing(lina, TOLD, confirmed + 300_000)).toEqual({ state: 'stale', ageSeconds: 300 });
});

test('who was confirmed without being read is as old as that', () => {
  const lina = creator({ asOf: '2026-11-21T11:00:00Z' });
  expect(standing(lina, TOLD, TOLD)).toEqual({ state: 'live', ageSeconds: 120 });
});

test('a clock that runs behind the answer makes no age negative', () => {
  expect(standing(creator({}), TOLD, TOLD - 3_600_000).ageSeconds).toBe(0);
});

test('time makes nothing better', () => {
  for (const state of ['stale', 'never', 'disconnected'] as const) {
    const one = creator({ state });
    for (const later of [0, 60_000, 600_000]) expect(standing(one, TOLD, TOLD + later).state).toBe(state);
  }
});

test('a read that nobody told of again is over', () => {
  const lina = creator({ state: 'syncing' });
  expect(standing(lina, TOLD, TOLD + 90_000).state).toBe('syncing');
  expect(standing(lina, TOLD, TOLD + 91_000).state).toBe('live');
  expect(standing(lina, TOLD, TOLD + 600_000).state).toBe('stale');
  const first = creator({ state: 'syncing', ageSeconds: null, asOf: null, confirmedAt: null });
  expect(standing(first, TOLD, TOLD + 600_000)).toEqual({ state: 'stale', ageSeconds: null });
});

test('a read that the server tells of again goes on, however old the answer is', () => {
  const lina = creator({ state: 'syncing', confirmedAt: null, asOf: null });
  expect(standing(lina, TOLD + 240_000, TOLD + 300_000).state).toBe('syncing');
});

test('an agency is as old as its oldest connected creator', () => {
  const all = [
    creator({}),
    creator({ confirmedAt: '2026-11-21T11:38:00Z', state: 'stale' }),
    creator({ confirmedAt: '2026-11-20T11:00:00Z', state: 'disconnected' }),
  ];
  const whole = summary(all, TOLD, TOLD);
  expect(whole).toMatchObject({ state: 'stale', live: 1, total: 3 });
  expect(whole.ageSeconds).toBeGreaterThanOrEqual(1_320);
  expect(whole.ageSeconds).toBeLessThan(1_322);
  expect(summary([creator({})], TOLD, TOLD).state).toBe('live');
  expect(summary([creator({}), creator({ state: 'never', confirmedAt: null })], TOLD, TOLD)).toMatchObject({
    state: 'stale', ageSeconds: null, live: 1,
  });
  expect(summary([creator({ state: 'disconnected' })], TOLD, TOLD).state).toBe('disconnected');
  expect(summary([], TOLD, TOLD)).toEqual({ state: 'never', ageSeconds: null, live: 0, total: 0 });
});

test('who was never read is next, or has no account that could be', () => {
  const never = creator({ state: 'never', asOf: null, confirmedAt: null, reason: 'its history has not been read yet' });
  expect(unbegun(never)).toBe('next');
  expect(unbegun({ ...never, reason: 'no Fanvue account is connected; 1 row could not be read and is not counted' })).toBe('noAccount');
  expect([unbegun({ ...never, state: 'syncing' }), unbegun({ ...never, state: 'stale' }), unbegun(creator({}))]).toEqual([null, null, null]);
});
