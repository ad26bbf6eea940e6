// The headline: what came in, what is left of it, in how many transactions, from how many new fans. The rest
// is behind "More".

import { lazy, Suspense, useId, useState, type ReactNode } from 'react';

import type { Dashboard } from '../api';
import { growth, tenths } from '../lib/delta';
import { span } from '../lib/dates';
import { comparison, type Filters } from '../lib/filters';
import { money, count } from '../lib/money';
import { SummaryIndicator } from './indicator';
import { Delta } from './parts';

const More = lazy(() => import('./more'));

export function Kpis({ data, filters, isRefreshing }: {
  data: Dashboard; filters: Filters; isRefreshing: boolean;
}) {
  const { kpiMetrics: now, currency, models } = data;
  const before = now.previous;
  const against = comparison(filters);
  const hasHistory = models.every((one) => one.asOf !== null);
  const none = noComparison(data, hasHistory);
  const [isMore, setMore] = useState(false);
  const more = useId();
  const change = (current: number, earlier: number | undefined) =>
    hasHistory && earlier !== undefined ? growth(current, earlier) : null;
  return (
    <section className="card grid gap-x-6 gap-y-5 p-4 sm:grid-cols-3 sm:p-5 lg:grid-cols-[1.6fr_1fr_1fr_1fr]"
      aria-label="Key figures" data-testid="kpis">
      <div className="min-w-0 sm:col-span-3 lg:col-span-1">
        <h2 className="flex flex-wrap items-center gap-x-2.5 text-meta text-mute">
          Gross revenue
          <SummaryIndicator creators={models} toldAt={data.toldAt} isRefreshing={isRefreshing} />
        </h2>
        <p
          className="num text-[36px] leading-[1.15] font-semibold tracking-[-0.02em] lg:text-[48px]"
          data-testid="gross" data-cents={now.totalRevenueCents}
        >
          {money(now.totalRevenueCents, currency)}
        </p>
        <p>
          <Delta
            tenths={now.revenueGrowth === null ? null : tenths(now.revenueGrowth)}
            against={against} none={none}
          />
        </p>
        <Truth data={data} />
      </div>
      <Kpi title="Net after Fanvue fee" value={money(now.netRevenueCents, currency)} id="net">
        <Delta tenths={change(now.netRevenueCents, before?.netRevenueCents)} none="As reported per transaction" />
      </Kpi>
      <Kpi title="Transactions" value={count(now.transactionCount)} id="transactions">
        {before && hasHistory && before.transactionCount > 0 && (
          <><Delta tenths={change(now.transactionCount, before.transactionCount)} />{' · '}</>
        )}
        {now.averageTransactionCents === null
          ? 'no sale'
          : `${money(now.averageTransactionCents, currency)} average`}
      </Kpi>
      <Kpi
        title="New fans" value={now.newFans === null ? '—' : count(now.newFans)} id="new-fans"
        note="Fans whose first purchase ever lies in this range"
        action={
          <button
            type="button" className="-my-1 min-h-6 underline hover:text-ink" aria-expanded={isMore} aria-controls={more}
            onClick={() => setMore(!isMore)}
          >
            {isMore ? 'Less' : 'More'}<span className="sr-only"> figures</span>
          </button>
        }
      >
        {now.newFans === null
          ? 'Known once every history is read'
          : <><Delta tenths={change(now.newFans, before?.newFans ?? undefined)} none={newFansNone(data)} />{' · '}{count(now.payingFans)} paying</>}
      </Kpi>
      <div id={more} className="col-span-full empty:hidden" hidden={!isMore}>
        {isMore && <Suspense fallback={<div className="skeleton h-16" />}><More data={data} /></Suspense>}
      </div>
    </section>
  );
}

function Kpi({ title, value, id, note, action, children }: {
  title: string; value: string; id: string; note?: string; action?: ReactNode; children: ReactNode;
}) {
  return (
    <div className="min-w-0">
      <div className="flex items-baseline justify-between gap-2 text-meta text-mute">
        <h3 title={note}>{title}</h3>
        {action}
      </div>
      <p className="num text-kpi leading-snug font-semibold" data-testid={id}>{value}</p>
      <p className="num text-meta text-mute">{children}</p>
    </div>
  );
}

function newFansNone(data: Dashboard): string {
  return data.kpiMetrics.previous ? 'None before' : 'All time';
}

function noComparison(data: Dashboard, hasHistory: boolean): string {
  if (!data.kpiMetrics.previous) return `All time: ${span(data.period.from, data.period.to, data.timezone)}`;
  return hasHistory ? 'New · no earlier data' : 'Not compared while histories are incomplete';
}

/** Whether the figure is the whole truth, and where to read more if not. */
function Truth({ data }: { data: Dashboard }) {
  const { kpiMetrics: now, currency } = data;
  if (now.exact) return null;
  const provisional = now.provisionalCount > 0
    ? `${money(now.provisionalRevenueCents, currency)} of it provisional`
    : 'Not exact yet';
  return (
    <p className="mt-0.5 text-meta text-mute">
      {provisional} · <a className="underline hover:text-ink" href="#provenance">why</a>
    </p>
  );
}
