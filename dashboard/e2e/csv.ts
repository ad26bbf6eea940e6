// The file of the transactions, as rows of named fields.

import { expect } from './world';

/** The columns, in their order: a program that reads the file may rely on them. */
export const COLUMNS = [
  'state', 'id', 'fanvueTransactionId', 'orderId', 'modelId', 'modelName', 'date', 'day', 'source', 'category', 'status', 'amount',
  'amountCents', 'net', 'netCents', 'paidCents', 'currency', 'fanId', 'fanHandle', 'fanName', 'messageId', 'postId', 'reverses',
  'firstSeenAt', 'updatedAt', 'amended', 'absentSince',
] as const;
export type Line = Record<(typeof COLUMNS)[number], string>;

export function parsed(file: string): Line[] {
  expect(file.startsWith('\uFEFF'), 'spreadsheets know by it that this is UTF-8').toBe(true);
  const [head, ...lines] = file.slice(1).replace(/\r\n$/, '').split('\r\n');
  expect(head).toBe(COLUMNS.join(','));
  return lines.map((line) => {
    const values = fields(line);
    expect(values, line).toHaveLength(COLUMNS.length);
    return Object.fromEntries(COLUMNS.map((name, index) => [name, values[index]])) as Line;
  });
}

function fields(line: string): string[] {
  const found = [...`${line},`.matchAll(/("(?:[^"]|"")*"|[^,]*),/g)].map((match) => match[1] ?? '');
  return found.map((text) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text));
}
