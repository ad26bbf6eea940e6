import { expect, test } from 'vitest';

import type { Job, JobCreator } from '../api';
import { duration, isOpen, needsReconnecting, progress, remaining, result, whom } from './jobs';

const NOW = Date.parse('2026-11-21T12:00:00Z');

function part(given: Partial<JobCreator>): JobCreator {
  return {
    modelId: 'm', name: 'Maya Rossi', state: 'queued', percent: 0, rows: 0, newRows: 0, addedCents: 0, pages: 0, requests: 0,
    pausedUntil: null, reason: null, endedAt: null, ...given,
  };
}

function job(given: Partial<Job>): Job {
  return {
    id: 'j', agencyId: 'a', modelId: null, askedBy: null, state: 'running', message: '', percent: 0, etaSeconds: null,
    pausedUntil: null, reason: null, creatorsDone: 2, creatorsTotal: 4, rows: 0, newRows: 14, addedCents: 0, pages: 0,
    requests: 0, begunAt: '2026-11-21T11:59:40Z', endedAt: null, creators: [part({}), part({ state: 'reading' })], ...given,
  };
}

test('progress names who is read, how many are done, and what is new', () => {
  expect(progress(job({}), NOW)).toBe('Reading Maya Rossi · 2 of 4 creators · 14 new');
  expect(progress(job({ creators: [part({})] }), NOW)).toBe('Between two reads · 2 of 4 creators · 14 new');
  const one = job({ modelId: 'm', creatorsDone: 0, creatorsTotal: 1, newRows: 1_240, creators: [part({ state: 'reading' })] });
  expect(progress(one, NOW)).toBe('Reading Maya Rossi · 1,240 new');
  expect(progress(job({ state: 'queued' }), NOW)).toBe('Waiting for its turn; it begins by itself.');
});

test('a pause counts down by the server’s clock, and never below a second', () => {
  const paused = job({ state: 'paused', pausedUntil: '2026-11-21T12:00:40Z' });
  expect(progress(paused, NOW)).toBe('Fanvue asked us to slow down. Continuing in 40 s.');
  expect(progress(paused, NOW + 39_500)).toBe('Fanvue asked us to slow down. Continuing in 1 s.');
  expect(progress(paused, NOW + 60_000)).toBe('Fanvue asked us to slow down. Continuing in 1 s.');
});

test('how long it takes is only said where it is known', () => {
  expect(remaining(job({}))).toBe('how long it takes is not known yet');
  expect(remaining(job({ etaSeconds: 0 }))).toBe('nearly done');
  expect(remaining(job({ etaSeconds: 190 }))).toBe('about 4 min left');
});

test('results', () => {
  expect(result(job({ state: 'done', newRows: 28 }))).toBe('Sync finished · 28 new transactions');
  expect(result(job({ state: 'done', newRows: 1 }))).toBe('Sync finished · 1 new transaction');
  expect(result(job({ state: 'done', newRows: 0 }))).toBe('Sync finished · nothing new');
  const partly = job({ state: 'partly', creatorsDone: 3, reason: 'Iris Vale needs reconnecting' });
  expect(result(partly)).toBe('3 of 4 creators synced. Iris Vale needs reconnecting.');
  const failed = job({ state: 'failed', creatorsDone: 0, creatorsTotal: 1, reason: 'Iris Vale: the scope is missing.' });
  expect(result(failed)).toBe('Nothing could be synced. Iris Vale: the scope is missing.');
});

test('what goes on is open, whom it reads, and who has to be reconnected', () => {
  const open = (['queued', 'running', 'paused', 'done', 'partly', 'failed'] as const).filter((state) => isOpen(job({ state })));
  expect(open).toEqual(['queued', 'running', 'paused']);
  expect(whom(job({}))).toBe('all creators');
  expect(whom(job({ modelId: 'm' }))).toBe('Maya Rossi');
  expect(needsReconnecting(job({}))).toBeUndefined();
  expect(needsReconnecting(job({ creators: [part({}), part({ modelId: 'i', state: 'disconnected' })] }))?.modelId).toBe('i');
});

test('durations are rounded up', () => {
  expect([0, 1, 59.2, 60, 61, 3_540, 3_541, 3_600, 4_800].map(duration)).toEqual(
    ['1 s', '1 s', '1 min', '1 min', '2 min', '59 min', '1 h', '1 h', '1 h 20 min'],
  );
});
