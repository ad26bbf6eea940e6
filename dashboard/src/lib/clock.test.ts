import { beforeEach, expect, test, vi } from 'vitest';

import { offsetOf } from './clock';

const at = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;

beforeEach(() => {
  vi.resetModules();
});

test('a clock that is wrong is corrected, and one that is right is left alone', () => {
  const seen = (client: number) => ({ date: at, sentAt: client, receivedAt: client + 200 });
  expect(offsetOf(seen(at), at)).toBe(0);
  expect(offsetOf(seen(at - HOUR), at)).toBe(HOUR + 400);
  expect(offsetOf(seen(at + HOUR), at)).toBe(-HOUR + 400);
});

test('without a Date, the time at which the answer was written counts', () => {
  expect(offsetOf({ date: null, sentAt: at - HOUR, receivedAt: at - HOUR }, at)).toBeCloseTo(HOUR, -4);
});

test('an answer that took long does not turn a clock that may be right', () => {
  expect(offsetOf({ date: at, sentAt: at, receivedAt: at + 20_000 }, at)).toBe(0);
  expect(offsetOf({ date: at, sentAt: at - 20_000, receivedAt: at }, at)).toBe(0);
});

test('a kept answer does not turn the clock back', async () => {
  vi.useFakeTimers({ now: at });
  const { learn, serverNow } = await import('./clock');
  // A world whose clock is a day ahead of the machine's.
  learn({ date: at, sentAt: at, receivedAt: at }, at + 24 * HOUR);
  const ahead = serverNow();
  expect(Math.abs(ahead - at - 24 * HOUR)).toBeLessThanOrEqual(1_000);
  vi.setSystemTime(at + 60_000);
  // The same answer once more, confirmed by a 304.
  learn({ date: at + 60_000, sentAt: at + 60_000, receivedAt: at + 60_000 }, at + 24 * HOUR);
  expect(serverNow()).toBe(ahead + 60_000);
  vi.useRealTimers();
});
