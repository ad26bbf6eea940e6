import { expect, test } from 'vitest';

import type { Job, JobCreator } from '../api';
import { aJob, aPart } from '../samples';
import { covers, duration, isOpen, needsReconnecting, partResult, progress, remaining, result, whom } from './jobs';

const NOW = Date.parse('2026-11-21T12:00:00Z');

const part = (given: Partial<JobCreator>): JobCreator => aPart({ name: 'Maya Rossi', ...given });
const job = (given: Partial<Job>): Job => aJob({ creators: [part({}), part({ state: 'reading' })], ...given });

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

test('of one creator in it only that creator’s part is told', () => {
  const endedAt = '2026-11-21T12:00:00Z';
  expect(partResult(part({ state: 'reading' }))).toBeNull();
  expect(partResult(part({ state: 'done', newRows: 12, endedAt }))).toBe('Sync finished · 12 new transactions');
  expect(partResult(part({ state: 'parked', reason: 'the scope is missing', endedAt }))).toBe('Set aside: the scope is missing');
  expect(partResult(part({ state: 'disconnected', endedAt }))).toBe('Needs reconnecting');
});

test('a sync is shown as running by the button whose sync would join it', () => {
  const everybody = job({ creators: [part({}), part({ modelId: 'n', endedAt: '2026-11-21T12:00:00Z' })] });
  expect([undefined, 'm', 'n', 'x'].map((modelId) => covers(everybody, modelId))).toEqual([true, true, false, false]);
  expect([undefined, 'm'].map((modelId) => covers(job({ modelId: 'm' }), modelId))).toEqual([false, true]);
  const listed = job({ creators: [] });
  expect([undefined, 'm'].map((modelId) => covers(listed, modelId)), 'a list names nobody of it').toEqual([true, true]);
});
