import { expect, test } from 'vitest';

import { ago, day, dayCount, dayIn, instant, isDay, longDay, moment, plusDays, pointDays, span, tick, time } from './dates';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const ZONE = 'Europe/Rome';

// The browser's own zone must not matter: the tests run under several, see below.
const zones = ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Rome'];

test('a day is that day wherever the browser is', () => {
  for (const zone of zones) {
    process.env['TZ'] = zone;
    expect(day('2026-11-21'), zone).toBe('21 Nov');
    expect(longDay('2026-09-01'), zone).toBe('Tue 1 Sep 2026');
    expect(plusDays('2026-10-24', 1), zone).toBe('2026-10-25');
    expect(plusDays('2026-10-25', 1), zone).toBe('2026-10-26');
    expect(plusDays('2026-03-01', -1), zone).toBe('2026-02-28');
  }
});

test('instants are told in the zone of the agency', () => {
  for (const zone of zones) {
    process.env['TZ'] = zone;
    expect(time('2026-11-21T23:30:00Z', 'Europe/Rome')).toBe('00:30');
    expect(moment('2026-11-21T23:30:00Z', 'Europe/Rome', NOW)).toBe('22 Nov, 00:30');
    expect(moment('2026-11-21T23:30:00Z', 'America/New_York', NOW)).toBe('21 Nov, 18:30');
    expect(dayIn(Date.parse('2026-11-21T23:30:00Z'), 'Europe/Rome')).toBe('2026-11-22');
  }
  // The hour that comes twice, and midnight, which is 00 and not 24.
  expect(time('2026-10-25T00:30:00Z', 'Europe/Rome')).toBe('02:30');
  expect(time('2026-10-25T01:30:00Z', 'Europe/Rome')).toBe('02:30');
  expect(time('2026-11-20T23:00:00Z', 'Europe/Rome')).toBe('00:00');
});

test('a span says no more than it has to', () => {
  expect(span('2026-10-23', '2026-11-21', ZONE, NOW)).toBe('23 Oct to 21 Nov');
  expect(span('2026-11-01', '2026-11-07', ZONE, NOW)).toBe('1 to 7 Nov');
  expect(span('2025-11-22', '2026-11-21', ZONE, NOW)).toBe('22 Nov 2025 to 21 Nov 2026');
  expect(span('2026-11-07', '2026-11-07', ZONE, NOW)).toBe('7 Nov 2026');
  expect(pointDays('2026-11-02', '2026-11-08')).toBe('2 Nov to 8 Nov 2026');
  expect([tick('2026-09-01', 'month'), tick('2026-09-07', 'week')]).toEqual(['Sep 2026', '7 Sep']);
});

test('a year is said where it is not the one that it is for the agency', () => {
  expect(span('2015-01-02', '2015-01-05', ZONE, NOW)).toBe('2 to 5 Jan 2015');
  expect(span('2025-10-23', '2025-11-21', ZONE, NOW)).toBe('23 Oct to 21 Nov 2025');
  expect(moment('2025-11-21T12:00:00Z', ZONE, NOW)).toBe('21 Nov 2025, 13:00');
  // Half an hour before midnight in London it is next year in Rome.
  const eve = Date.parse('2026-12-31T23:30:00Z');
  expect(moment(eve, ZONE, eve)).toBe('1 Jan, 00:30');
  expect(moment('2026-12-31T12:00:00Z', ZONE, eve)).toBe('31 Dec 2026, 13:00');
  expect(moment('2026-12-31T12:00:00Z', 'Europe/London', eve)).toBe('31 Dec, 12:00');
});

test('a time without its day is of today', () => {
  expect(instant('2026-11-21T00:30:00Z', ZONE, NOW)).toBe('01:30');
  expect(instant('2026-11-20T22:30:00Z', ZONE, NOW)).toBe('20 Nov, 23:30');
  expect(instant('2026-11-20T23:30:00Z', ZONE, NOW)).toBe('00:30');
  expect(instant('2026-11-22T06:00:00Z', ZONE, NOW)).toBe('22 Nov, 07:00');
  expect(instant('2025-11-21T12:00:00Z', ZONE, NOW)).toBe('21 Nov 2025, 13:00');
});

test('only days of the calendar are days', () => {
  expect([isDay('2026-02-28'), isDay('2024-02-29')]).toEqual([true, true]);
  for (const wrong of ['2026-02-30', '2026-13-01', '2026-1-1', 'today', '', null, '2026-11-21T00:00']) {
    expect(isDay(wrong), String(wrong)).toBe(false);
  }
  expect(dayCount('2026-03-01', '2026-03-31')).toBe(31);
  expect(dayCount('2026-10-25', '2026-10-25')).toBe(1);
});

test('ages are rounded down, so that nothing looks older or younger than its minute', () => {
  const shown = [0, 59, 60, 119, 299, 300, 3_599, 3_600, 86_399, 86_400, 200_000].map(ago);
  expect(shown).toEqual([
    'just now', 'just now', '1m ago', '1m ago', '4m ago', '5m ago', '59m ago', '1h ago', '23h ago',
    '1d ago', '2d ago',
  ]);
});
