// Further figures of the same days, each with what it means.

import type { Dashboard } from '../api';
import { ratio } from '../lib/delta';
import { count, money, plural } from '../lib/money';

type Figure = { id: string; name: string; value: string; meaning: string };

export default function More({ data }: { data: Dashboard }) {
  return (
    <div className="border-t border-line pt-4" data-testid="more">
      <dl className="grid gap-x-6 gap-y-4 sm:grid-cols-3 lg:grid-cols-6">
        {figures(data).map(({ id, name, value, meaning }) => (
          <div key={id} className="min-w-0">
            <dt className="text-meta text-mute">{name}</dt>
            <dd>
              <span className="num block text-[16px] font-semibold" data-testid={id}>{value}</span>
              <span className="block text-meta text-mute">{meaning}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-4 text-meta text-mute">New fans are those whose first purchase ever lies in this range.</p>
    </div>
  );
}

function figures({ kpiMetrics: now, currency }: Dashboard): Figure[] {
  const amount = (cents: number | null) => (cents === null ? '—' : money(cents, currency));
  return [
    { id: 'refunds', name: 'Refunds and chargebacks', value: money(now.refundsCents, currency), meaning: plural(now.refundCount, 'transaction') },
    { id: 'paying-fans', name: 'Paying fans', value: count(now.payingFans), meaning: 'Bought something, each counted once' },
    { id: 'arpu', name: 'Per paying fan', value: amount(now.arpuCents), meaning: 'Gross without rewards' },
    { id: 'ltv', name: 'Per fan, ever', value: amount(now.ltvCents), meaning: now.ltvCents === null ? 'With all time, once every history is read' : 'Since the first sale' },
    { id: 'tip-average', name: 'Average tip', value: amount(now.tipAverageCents), meaning: now.tipAverageCents === null ? 'No tip in this range' : 'Per tip' },
    {
      id: 'beyond', name: 'Spend beyond subscription', value: now.goldenRatio === null ? '—' : `${ratio(now.goldenRatio)} ×`,
      meaning: 'Messages, posts and tips for each dollar of subscriptions',
    },
  ];
}
