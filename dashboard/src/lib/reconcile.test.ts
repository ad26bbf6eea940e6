import { expect, test } from 'vitest';

import type { Diagnosed } from '../api';
import { aDiagnosed, aDiagnosis, aDifference as difference } from '../samples';
import { clause, connectionIn, grouped, isOld, message, operatorCall, ordered } from './reconcile';

function creator(name: string, result: Diagnosed['result'], differenceCents = 0): Diagnosed {
  return aDiagnosed({ modelId: name, name, result, differenceCents });
}

test('parts of one cause are one line, and lines still add up to the difference', () => {
  const parts = [
    difference({ cause: 'summary_versus_rows', day: '2026-11-20', cents: -2_500 }, 'nothing'),
    difference({ day: '2026-11-19', cents: -1_300, rowCount: 2 }),
    difference({ cause: 'summary_versus_rows', day: '2026-11-02', cents: -7_500 }, 'nothing'),
    difference({ day: '2026-11-18', cents: -700, rowCount: 1 }),
    difference({ day: '2026-11-18', cents: 100 }),
    difference({ cause: 'unknown', cents: -900 }, 'ask_rows'),
  ];
  const groups = grouped(parts);
  expect(groups.map(({ cause, cents, rowCount, days }) => ({ cause, cents, rowCount, days }))).toEqual([
    { cause: 'late_rows', cents: -1_900, rowCount: 3, days: ['2026-11-18', '2026-11-19'] },
    { cause: 'unknown', cents: -900, rowCount: null, days: [] },
    { cause: 'summary_versus_rows', cents: -10_000, rowCount: null, days: ['2026-11-02', '2026-11-20'] },
  ]);
  const sum = (all: { cents: number }[]) => all.reduce((total, one) => total + one.cents, 0);
  expect(sum(groups)).toBe(sum(parts));
});

test('one cause with two remedies is two lines', () => {
  const parts = [difference({ cause: 'manual_edit' }), difference({ cause: 'manual_edit' }, 'rebuild_totals')];
  expect(grouped(parts)).toHaveLength(2);
});

test('a cause begins small within a sentence, but Fanvue stays a name', () => {
  expect(clause('late_rows')).toBe('late rows');
  expect(clause('rate_limited')).toBe('slowed down by Fanvue');
  expect(clause('summary_versus_rows')).toBe('Fanvue’s totals leave it out');
});

test('what needs somebody comes first', () => {
  const all = [
    creator('Ada', 'match'), creator('Bea', 'explained', -5), creator('Cleo', 'cannotCheck'), creator('Dora', 'mismatch', 10),
    creator('Eva', 'mismatch', -6_499), creator('Abe', 'match'),
  ];
  expect(ordered(all).map((one) => one.name)).toEqual(['Eva', 'Dora', 'Cleo', 'Bea', 'Abe', 'Ada']);
});

test('only calls that are the operator’s are called, and no address is taken from elsewhere', () => {
  expect(operatorCall('GET /api/cron/revenue-heartbeat')).toEqual({ method: 'GET', url: '/api/cron/revenue-heartbeat' });
  for (const call of [
    null, '', 'GET /api/analytics/dashboard', 'GET https://elsewhere.example/api/cron/x', 'GET /api/cron/../auth', 'DELETE /api/cron/x',
    'GET /api/cron/x?y=1', 'GET //elsewhere.example/api/cron/x',
  ]) {
    expect(operatorCall(call), String(call)).toBeNull();
  }
  expect(connectionIn('GET /api/auth/fanvue/login?connectionId=c-1')).toBe('c-1');
  expect(connectionIn('GET /api/auth/fanvue/login')).toBeNull();
  expect(connectionIn(null)).toBeNull();
});

test('a difference is said as an amount, with the rows that are missing where all of them are told', () => {
  const row = { id: 'r', date: '2026-11-20T10:00:00Z', note: null };
  const late = difference({ rowCount: 1, rows: [{ ...row, fanvueCents: 6_499, ledgerCents: null }] });
  const off = { ...creator('Noa', 'mismatch', -792_500), message: '$7925.00 less' };
  expect(message(off, 'USD')).toBe('$7,925.00 less is shown than Fanvue has.');
  expect(message({ ...off, differences: [late] }, 'USD')).toBe(
    '$7,925.00 less is shown than Fanvue has. 1 transaction on Fanvue is not in the ledger yet.',
  );
  expect(message({ ...off, differences: [late, difference({ rowCount: 3, rows: [] })] }, 'USD')).toBe('$7,925.00 less is shown than Fanvue has.');
  const twice = difference({ rowCount: 1, rows: [{ ...row, fanvueCents: null, ledgerCents: 500 }] });
  expect(message({ ...off, differenceCents: 500, differences: [twice] }, 'USD')).toBe('$5.00 more is shown than Fanvue has.');
  expect(message({ ...creator('Ada', 'match'), message: 'All three agree to the cent.' }, 'USD')).toBe('All three agree to the cent.');
  const by = difference({ cause: 'summary_versus_rows', cents: -100, meaning: 'Fanvue’s totals leave out what its rows hold.' }, 'nothing');
  expect(message({ ...creator('Bea', 'explained', -100), differences: [by] }, 'USD')).toBe(
    '$1.00 less is shown than Fanvue has. Fanvue’s totals leave out what its rows hold.',
  );
  expect(message({ ...off, result: 'cannotCheck', message: 'Fanvue could not be compared.' }, 'USD')).toBe('Fanvue could not be compared.');
});

test('that Fanvue refused our token is said where Fanvue did', () => {
  const lost = (figures: object) => ({
    ...creator('Iris', 'cannotCheck'), message: 'Fanvue could not be compared.', differences: [difference({ cause: 'token_revoked', figures: { ...figures } })],
  });
  expect(message(lost({ reason: 'Fanvue ended the connection' }), 'USD')).toBe('Fanvue refused our token. Reconnect first.');
  expect(message(lost({ connection: 'ended', lastError: 'invalid_grant' }), 'USD')).toBe('Fanvue refused our token. Reconnect first.');
  for (const figures of [
    {}, { connection: 'none' }, { connection: 'ended', lastError: 'disconnected' }, { reason: 'the connection has ended' },
    { reason: 'the account was disconnected here' }, { reason: 'no account is connected that reads this creator' },
  ]) {
    expect(message(lost(figures), 'USD'), JSON.stringify(figures)).toBe('Fanvue could not be compared.');
  }
});

test('a comparison is of its time: ten minutes later it says nothing of now', () => {
  const made = aDiagnosis([], '2026-11-20T09:30:00Z');
  const at = (minutes: number) => isOld(made, Date.parse('2026-11-20T09:30:00Z') + minutes * 60_000);
  expect([-5, 0, 9.99, 10, 1_440].map(at)).toEqual([false, false, false, true, true]);
});
