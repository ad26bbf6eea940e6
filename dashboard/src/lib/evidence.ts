// What is kept of a transaction: enough to find it at Fanvue, and to see what we did with it and when.

import type { OpenSale, Row } from '../api';
import { moment } from './dates';
import { paid } from './money';

const STATUSES: Record<string, string> = { pendingBalance: 'Pending, not yet available for payout', availableForPayout: 'Available for payout' };

/** Name and value of each fact; what is not there is left out. */
export function facts(one: Row | OpenSale, zone: string): [string, string][] {
  const known: [string, string | null][] = 'eventKey' in one
    ? [
        ['Proof', 'A webhook alone; its row is on its way'],
        ['Webhook', one.eventKey],
        ['Fanvue’s order', one.orderId],
        ['Takes back', one.reverses],
        ['First seen', moment(one.firstSeenAt, zone)],
        ['Leaves the figures', `${moment(one.expiresAt, zone)}, if no row comes`],
      ]
    : [
        ['Fanvue’s order', one.orderId ?? 'none: known by its content'],
        ['Key', one.fanvueTransactionId],
        ['Takes back', one.reverses],
        ['Status', one.status === null ? null : STATUSES[one.status] ?? one.status],
        ['Paid by the fan', paid(one.paidCents, one.currency)],
        ['Message', one.messageId],
        ['Post', one.postId],
        ['Booked', moment(one.firstSeenAt, zone)],
        ['Changed by Fanvue', one.amended ? `seen ${moment(one.updatedAt, zone)}` : null],
        ['Missing at Fanvue', one.absentSince && `since ${moment(one.absentSince, zone)}`],
      ];
  return known.filter((fact): fact is [string, string] => fact[1] !== null);
}
