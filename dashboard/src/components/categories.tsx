// What brought how much, by category.

import type { CategorySum, Dashboard } from '../api';
import { colour, known, NAMES } from '../lib/categories';
import { growth, tenths } from '../lib/delta';
import { count, money, percent } from '../lib/money';
import { Card, Delta } from './parts';

export function Categories({ data, compare }: { data: Dashboard; compare: boolean }) {
  const hasHistory = data.models.every((one) => one.asOf !== null);
  return (
    <Card title="By category" note={`${money(data.kpiMetrics.totalRevenueCents, data.currency)} total`}>
      <ul className="space-y-3.5" data-testid="categories">
        {data.categoryBreakdown.map((one) => (
          <Line key={one.category} one={one} currency={data.currency} compare={compare && hasHistory} />
        ))}
      </ul>
    </Card>
  );
}

function Line({ one, currency, compare }: { one: CategorySum; currency: string; compare: boolean }) {
  const share = one.percentage === null ? null : tenths(one.percentage);
  const isNegative = one.amountCents < 0;
  return (
    <li>
      <p className="flex justify-between gap-3">
        <span>{NAMES[known(one.category)]} <span className="num text-mute">{count(one.transactionCount)}</span></span>
        <span className="num font-medium">{money(one.amountCents, currency)}</span>
      </p>
      <div className={`my-1.5 flex h-1.5 overflow-hidden rounded-full bg-raised ${isNegative ? 'justify-end' : ''}`} aria-hidden="true">
        <div
          className="rounded-full"
          style={{ background: colour(known(one.category)), width: `${Math.min(100, Math.abs((share ?? 0) / 10))}%` }}
        />
      </div>
      <p className="flex justify-between gap-3 text-meta text-mute">
        <span className="num">{share === null ? '—' : percent(share)}</span>
        {compare && one.previousAmountCents !== null && !isNegative && (
          <Delta tenths={growth(one.amountCents, one.previousAmountCents)} none="New" />
        )}
      </p>
    </li>
  );
}
