// Receipts of the nightly proof, in words.

import type { Repair } from '../api';
import { count, money, plural } from './money';

const CAUSES: Record<string, string> = {
  missing_row: 'Rows were missing', amended_row: 'Fanvue had changed rows', vanished_row: 'Fanvue no longer shows rows',
  several: 'Rows were missing, changed or gone', read_meanwhile: 'Differed, and was read before its turn',
  drifted_total: 'Total was not the sum of its rows', drifted_rollup: 'Days were not the sums of their rows',
  drifted_sum: 'Sum was not that of its days', drifted_fans: 'Fans were counted wrongly',
};

/** Why it had to be repaired. A cause that this page does not know yet is shown as it is called. */
export function repairCause({ cause }: Repair): string {
  return CAUSES[cause] ?? cause.replaceAll('_', ' ');
}

/** What is repaired: rows themselves, or a sum that follows from them. */
export function repairKind({ kind }: Repair): string {
  return kind === 'rows' ? 'Rows' : 'Sum';
}

/** `$8.00, 3 rows`; what is no money, how fans are counted, has none. */
export function repaired(cents: number, rows: number, { cause }: Repair, currency: string): string {
  return cause === 'drifted_fans' ? `${count(rows)} counted` : `${money(cents, currency)}, ${plural(rows, 'row')}`;
}
