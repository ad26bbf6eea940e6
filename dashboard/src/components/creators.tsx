// The creators: cards while they are few, a table when they are many.

import { useState } from 'react';
import { Link } from 'wouter';

import type { Creator, Dashboard } from '../api';
import { useHref } from '../hooks/page';
import { growth } from '../lib/delta';
import { comparison, SORTS, type Filters, type Sort } from '../lib/filters';
import { sparkline } from '../lib/geometry';
import { count, money, plural } from '../lib/money';
import { CreatorIndicator } from './indicator';
import { Card, Delta, Scroll } from './parts';

const CARDS_MAX = 8;
const ROWS_MAX = 50;

const SORT_NAMES: Record<Sort, string> = {
  revenue: 'Revenue', name: 'Name', change: 'Change', freshness: 'Needs attention',
};

function change(one: Creator): number | null {
  return one.asOf === null ? null : growth(one.totalCents, one.previousTotalCents);
}

function audience(one: Creator): string | null {
  const parts = [
    one.subscribers === null ? null : plural(one.subscribers, 'subscriber'),
    one.followers === null ? null : plural(one.followers, 'follower'),
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(' · ') : null;
}

const URGENCY = { disconnected: 0, never: 1, stale: 2, syncing: 3, live: 4 } as const;

export function sorted(creators: Creator[], sort: Sort): Creator[] {
  const by: Record<Sort, (a: Creator, b: Creator) => number> = {
    revenue: (a, b) => b.totalCents - a.totalCents,
    name: (a, b) => a.name.localeCompare(b.name),
    change: (a, b) => (change(b) ?? Number.NEGATIVE_INFINITY) - (change(a) ?? Number.NEGATIVE_INFINITY),
    freshness: (a, b) => URGENCY[a.state] - URGENCY[b.state] || (b.ageSeconds ?? 0) - (a.ageSeconds ?? 0),
  };
  return [...creators].sort((a, b) => by[sort](a, b) || a.name.localeCompare(b.name));
}

type Props = { data: Dashboard; filters: Filters; onChange: (change: Partial<Filters>) => void };

export function Creators({ data, filters, onChange }: Props) {
  const creators = sorted(data.models, filters.sort);
  return (
    <section aria-label="Creators">
      <header className="mb-3 flex items-center justify-between gap-3">
        <h2 className="text-card font-semibold">Creators</h2>
        <label className="flex items-center gap-2 text-meta text-mute">
          Sort
          <select className="control text-ink" value={filters.sort}
            onChange={(event) => onChange({ sort: event.target.value as Sort })}>
            {SORTS.map((sort) => <option key={sort} value={sort}>{SORT_NAMES[sort]}</option>)}
          </select>
        </label>
      </header>
      {creators.length > CARDS_MAX
        ? <Table data={data} creators={creators} />
        : <Cards data={data} creators={creators} against={comparison(filters)} />}
    </section>
  );
}

function Cards({ data, creators, against }: { data: Dashboard; creators: Creator[]; against: string }) {
  const href = useHref();
  return (
    <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
      {creators.map((one) => (
        <li key={one.modelId} className="card relative min-w-0 p-4 hover:border-edge" data-testid="creator">
          <p className="flex items-center justify-between gap-2">
            <Link href={href(`/creators/${one.modelId}`)}
              className="truncate text-card font-medium after:absolute after:inset-0 after:rounded-card">{one.name}</Link>
            <CreatorIndicator creator={one} toldAt={data.toldAt} />
          </p>
          <p className="num mt-1 text-kpi font-semibold" data-cents={one.totalCents}>{money(one.totalCents, data.currency)}</p>
          <p><Delta tenths={change(one)} against={against} none={none(one)} /></p>
          <Sparkline values={one.sparkline} />
          <p className="num mt-2 truncate text-meta text-mute">{audience(one) ?? plural(one.transactionCount, 'transaction')}</p>
        </li>
      ))}
    </ul>
  );
}

function none(one: Creator): string {
  if (one.asOf === null) return `${plural(one.rowsSoFar, 'transaction')} read so far`;
  return one.previousTotalCents === null ? 'All time' : 'New · no earlier data';
}

function Table({ data, creators }: { data: Dashboard; creators: Creator[] }) {
  const href = useHref();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? creators : creators.slice(0, ROWS_MAX);
  const hasAudience = creators.some((one) => audience(one) !== null);
  const cell = 'py-2.5 pl-4 whitespace-nowrap';
  return (
    <Card>
      <Scroll label="Creators, as a table">
        <table className="w-full">
          <thead className="text-left text-meta text-mute">
            <tr className="border-b border-line">
              <th scope="col" className="pb-2 font-medium">Creator</th>
              <th scope="col" className="pb-2 pl-4 font-medium">Freshness</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Gross</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Change</th>
              <th scope="col" className="pb-2 pl-4 font-medium">Trend</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Net</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Transactions</th>
              {hasAudience && <th scope="col" className="pb-2 pl-4 text-right font-medium">Audience</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.modelId} className="border-b border-line last:border-0 hover:bg-raised" data-testid="creator">
                <th scope="row" className="py-2.5 text-left font-medium whitespace-nowrap">
                  <Link href={href(`/creators/${one.modelId}`)} className="underline-offset-2 hover:underline">{one.name}</Link>
                </th>
                <td className={cell}><CreatorIndicator creator={one} toldAt={data.toldAt} /></td>
                <td className={`${cell} num text-right font-semibold`} data-cents={one.totalCents}>{money(one.totalCents, data.currency)}</td>
                <td className={`${cell} text-right`}><Delta tenths={change(one)} none={one.asOf === null ? 'Reading' : '—'} /></td>
                <td className={cell}><Sparkline values={one.sparkline} width={112} height={24} /></td>
                <td className={`${cell} num text-right`}>{money(one.netCents, data.currency)}</td>
                <td className={`${cell} num text-right`}>{count(one.transactionCount)}</td>
                {hasAudience && <td className={`${cell} num text-right text-mute`}>{audience(one) ?? '—'}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {shown.length < creators.length && (
        <button type="button" className="control mt-4 self-start" onClick={() => setWhole(true)}>
          Show all {count(creators.length)}
        </button>
      )}
    </Card>
  );
}

/** A hint of the way it went; the figures are beside it. */
function Sparkline({ values, width = 240, height = 36 }: { values: number[]; width?: number; height?: number }) {
  const shape = sparkline(values, { width, height });
  const isWide = width > 200;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true"
      className={isWide ? 'mt-3 block w-full' : 'block'} width={isWide ? undefined : width} height={height}
    >
      <path d={shape.area} fill="var(--c-subscriptions)" opacity="0.15" />
      <path d={shape.line} fill="none" stroke="var(--c-subscriptions)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
