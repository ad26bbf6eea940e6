import { expect, test } from 'vitest';

import { ROW, SALE } from '../samples';
import { facts } from './evidence';

test('a row is proved by its ids and by when it was booked, in the agency’s zone', () => {
  expect(facts(ROW, 'Europe/Rome')).toEqual([
    ['Fanvue’s order', 'order-1'], ['Key', 'key-1'], ['Status', 'Pending, not yet available for payout'], ['Booked', '20 Nov, 11:05'],
  ]);
});

test('what happened to a row is told, and what is unknown is not', () => {
  const told = new Map(facts({
    ...ROW, orderId: null, status: 'newWord', paidCents: 1_400, currency: 'EUR', reverses: 'order-0', amended: true,
    updatedAt: '2026-11-21T10:00:00Z', absentSince: '2026-11-22T10:00:00Z', postId: 'post-1',
  }, 'UTC'));
  expect(told.get('Fanvue’s order')).toBe('none: known by its content');
  expect(told.get('Status')).toBe('newWord');
  expect(told.get('Paid by the fan')).toBe('€14.00 EUR');
  expect(told.get('Takes back')).toBe('order-0');
  expect(told.get('Changed by Fanvue')).toBe('seen 21 Nov, 10:00');
  expect(told.get('Missing at Fanvue')).toBe('since 22 Nov, 10:00');
  expect(told.get('Post')).toBe('post-1');
  expect(told.has('Message')).toBe(false);
});

test('a sale that only a webhook told of says so, and when it goes', () => {
  expect(facts(SALE, 'UTC')).toEqual([
    ['Proof', 'A webhook alone; its row is on its way'], ['Webhook', 'event-1'], ['First seen', '20 Nov, 10:00'],
    ['Leaves the figures', '23 Nov, 10:00, if no row comes'],
  ]);
});
