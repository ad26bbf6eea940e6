import { expect, test } from 'vitest';

import { aRepair } from '../samples';
import { repairCause, repaired, repairKind } from './repairs';

test('a receipt in words', () => {
  const one = aRepair({});
  expect([repairKind(one), repairCause(one)]).toEqual(['Rows', 'Rows were missing']);
  expect(repaired(one.beforeCents, one.beforeRows, one, 'USD')).toBe('$0.00, 0 rows');
  expect(repaired(one.afterCents, one.afterRows, one, 'USD')).toBe('$777.77, 1 row');
  expect(repaired(-1_500, 2, one, 'USD')).toBe('−$15.00, 2 rows');
});

test('how fans are counted is no money, and a cause of tomorrow has its own name', () => {
  const fans = aRepair({ kind: 'sums', cause: 'drifted_fans' });
  expect([repairKind(fans), repairCause(fans), repaired(0, 1_200, fans, 'USD')]).toEqual(['Sum', 'Fans were counted wrongly', '1,200 counted']);
  expect(repairCause(aRepair({ cause: 'new_kind_of_row' }))).toBe('new kind of row');
});
