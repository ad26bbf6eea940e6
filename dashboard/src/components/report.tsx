// What the overview and a creator have in common: the head with its filters, and the figures.

import { lazy, Suspense, type ReactNode } from 'react';

import type { Creator, Dashboard } from '../api';
import type { DashboardQuery } from '../hooks/data';
import { isReading, useDashboard } from '../hooks/data';
import { useShortcuts } from '../hooks/page';
import { useCalmBusy, useLater } from '../hooks/time';
import { RANGES, type Asked, type Filters } from '../lib/filters';
import { ConnectionBanner, HistoryBanner, StaleNotice } from './banners';
import { Categories } from './categories';
import { NoRevenue } from './empty';
import { CreatorSelect, RangeControl } from './filters';
import { RestSkeletons } from './gate';
import { Kpis } from './kpis';
import { Provenance } from './provenance';
import { Revenue } from './revenue';
import { SyncButton, Syncs } from './sync-button';

const Audience = lazy(() => import('./audience'));

type Change = (change: Partial<Filters>) => void;

export function Head({ title, note, before, data, filters, modelId, onChange }: {
  title: string; note?: string | undefined; before?: ReactNode; data: Dashboard | undefined; filters: Filters;
  modelId?: string; onChange: Change;
}) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-3">
      <div className="mr-auto flex min-w-0 items-center gap-2">
        {before}
        <h1 className="truncate text-[24px] leading-9 font-semibold tracking-[-0.01em]">{title}</h1>
        {note && <span className="truncate pt-1 text-mute">{note}</span>}
      </div>
      {data && (modelId === undefined
        ? <CreatorSelect creators={data.models} />
        : <OtherCreators filters={filters} modelId={modelId} own={data.models} />)}
      <RangeControl filters={filters} timezone={data?.timezone ?? 'UTC'} onChange={(range) => onChange({ range })} />
      {data && data.models.length > 0 && <SyncButton agencyId={data.agency.id} modelId={modelId} name={modelId && title} />}
    </div>
  );
}

/** The way from one creator to the next; the list is the overview's, mostly known already. It stands where it will before it is. */
function OtherCreators({ filters, modelId, own }: { filters: Filters; modelId: string; own: Creator[] }) {
  const all = useDashboard(filters);
  return <CreatorSelect creators={all.data?.models ?? own} current={modelId} />;
}

type Shown = { data: Dashboard; filters: Filters; asked: Asked; modelId?: string; onChange: Change; children: ReactNode };

export function Report({ query, ...shown }: Shown & { query: DashboardQuery }) {
  const { data, filters, onChange } = shown;
  const isBusy = useCalmBusy(query.isFetching);
  const isLater = useLater();
  const ranges = Object.fromEntries(
    RANGES.map((name, index) => [String(index + 1), () => onChange({ range: { name } })]),
  );
  useShortcuts({
    ...ranges,
    x: () => onChange({ compare: !filters.compare }),
    t: () => onChange({ table: !filters.table }),
  });
  return (
    <div
      className={`space-y-4 transition-opacity duration-150 ${query.isPlaceholderData ? 'opacity-60' : ''}`}
      aria-busy={query.isPlaceholderData}
    >
      <StaleNotice query={query} />
      <ConnectionBanner data={data} />
      <HistoryBanner data={data} />
      <Syncs agencyId={data.agency.id} />
      <Kpis data={data} filters={filters} isRefreshing={isBusy} />
      {isLater ? <Rest {...shown} /> : <RestSkeletons />}
    </div>
  );
}

/** All that stands below the money. */
function Rest({ data, filters, asked, modelId, onChange, children }: Shown) {
  const isEmpty = data.kpiMetrics.transactionCount === 0;
  return (
    <>
      {!isEmpty && (
        <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
          <Revenue data={data} filters={filters} asked={asked} onChange={onChange} />
          <Categories data={data} compare={filters.compare} />
        </div>
      )}
      {isEmpty && !isReading(data) && <NoRevenue data={data} filters={filters} modelId={modelId} onChange={onChange} />}
      {children}
      <div className={hasAudience(data) ? 'grid gap-4 lg:grid-cols-2' : ''}>
        {hasAudience(data) && (
          <Suspense fallback={<div className="card h-[200px]" />}><Audience data={data} /></Suspense>
        )}
        <Provenance data={data} />
      </div>
    </>
  );
}

function hasAudience({ chartData }: Dashboard): boolean {
  return chartData.some((point) => point.subscribers !== null || point.followers !== null);
}
