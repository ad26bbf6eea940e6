// Where the numbers come from: what one has to know to trust them, or not to.

import type { ReactNode } from 'react';
import { Link } from 'wouter';

import type { Dashboard } from '../api';
import { useHref } from '../hooks/page';
import { moment } from '../lib/dates';
import { money, plural } from '../lib/money';
import { Age } from './indicator';
import { Card } from './parts';

export function Provenance({ data }: { data: Dashboard }) {
  const { freshness, kpiMetrics: now, timezone, currency, models } = data;
  const href = useHref();
  const reasons = new Map<string, number>();
  for (const { reason, exact } of models) {
    if (reason && !exact) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return (
    <Card title="Where these numbers come from" id="provenance">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2" data-testid="provenance">
        <Fact name="Source">
          Fanvue’s earnings, copied row by row: {plural(now.transactionCount - now.provisionalCount, 'row')} in this range
        </Fact>
        <Fact name="Newest as of"><Instant at={freshness.newestAsOf} zone={timezone} /></Fact>
        <Fact name="Oldest as of"><Instant at={freshness.oldestAsOf} zone={timezone} /></Fact>
        <Fact name="Day boundary">Midnight, {timezone}</Fact>
        <Fact name="Currency">{currency}, as reported by Fanvue; nothing is converted</Fact>
        <Fact name="Exact">
          {now.exact
            ? 'Yes: every row up to these times is counted once, to the cent'
            : <>No{freshness.exact ? ': a part is provisional' : ''}</>}
        </Fact>
        <Fact name="Provisional">
          {now.provisionalCount === 0
            ? 'Nothing'
            : `${money(now.provisionalRevenueCents, currency)} in ${plural(now.provisionalCount, 'sale')} that Fanvue `
              + 'told of and whose rows are on their way'}
        </Fact>
        {freshness.rejects > 0 && (
          <Fact name="Set aside">{plural(freshness.rejects, 'row')} that made no sense, kept and not counted</Fact>
        )}
        {reasons.size > 0 && (
          <Fact name="Why not exact">
            <ul>
              {[...reasons].map(([reason, creators]) => (
                <li key={reason}>{models.length > 1 && `${plural(creators, 'creator')}: `}{reason}</li>
              ))}
            </ul>
          </Fact>
        )}
      </dl>
      <Link href={href('/sync')} className="mt-4 self-start underline hover:text-mute">Check against Fanvue</Link>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-mute">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Instant({ at, zone }: { at: string | null; zone: string }) {
  if (at === null) return <>Unknown while a history is incomplete</>;
  return <span className="num">{moment(at, zone)} <span className="text-mute">· <Age at={at} /></span></span>;
}
