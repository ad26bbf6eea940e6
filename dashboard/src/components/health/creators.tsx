// Creator by creator: how fresh, how complete, and what keeps it from being either.

import { Link } from 'wouter';

import type { Creator, Dashboard, Status, Stream } from '../../api';
import { useHref } from '../../hooks/page';
import { instant, moment } from '../../lib/dates';
import { count } from '../../lib/money';
import { sorted } from '../creators';
import { CreatorIndicator } from '../indicator';
import { Card, Scroll } from '../parts';

export function CreatorTable({ data, status }: { data: Dashboard; status: Status | undefined }) {
  const streams = new Map(status?.streams.map((one) => [one.modelId, one]));
  const href = useHref();
  const cell = 'py-2.5 pl-4 align-top';
  return (
    <Card title="Creators" note="What keeps a creator from being live or exact">
      <Scroll label="Creators and their freshness">
        <table className="w-full" data-testid="health-creators">
          <thead className="text-left text-meta text-mute">
            <tr className="border-b border-line">
              <th scope="col" className="pb-2 font-medium">Creator</th>
              <th scope="col" className="pb-2 pl-4 font-medium">Freshness</th>
              <th scope="col" className="pb-2 pl-4 font-medium">Complete up to</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Rows</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Set aside</th>
              <th scope="col" className="pb-2 pl-4 font-medium">Why</th>
            </tr>
          </thead>
          <tbody>
            {sorted(data.models, 'freshness').map((one) => (
              <tr key={one.modelId} className="border-b border-line last:border-0">
                <th scope="row" className="py-2.5 text-left align-top font-medium whitespace-nowrap">
                  <Link href={href(`/creators/${one.modelId}`)} className="underline-offset-2 hover:underline">{one.name}</Link>
                </th>
                <td className={cell}><CreatorIndicator creator={one} toldAt={data.toldAt} /></td>
                <td className={`${cell} num whitespace-nowrap`}>{one.asOf === null ? '—' : moment(one.asOf, data.timezone)}</td>
                <td className={`${cell} num text-right`}>{count(one.rowsSoFar)}</td>
                <td className={`${cell} num text-right`}>{count(one.rejects)}</td>
                <td className={`${cell} min-w-56 text-mute`}><Why creator={one} stream={streams.get(one.modelId)} zone={data.timezone} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}

function Why({ creator, stream, zone }: { creator: Creator; stream: Stream | undefined; zone: string }) {
  const error = stream?.lastError ?? creator.lastError;
  return (
    <>
      {creator.reason && creator.reason.charAt(0).toUpperCase() + creator.reason.slice(1)}
      {!creator.reason && !error && 'Nothing'}
      {error && (
        <span className="block text-meta">
          Last error: {error}{stream && stream.attempts > 1 && `, ${count(stream.attempts)} times in a row`}
        </span>
      )}
      {stream?.pausedUntil && <span className="block text-meta">Fanvue asked us to wait until {instant(stream.pausedUntil, zone)}</span>}
      {error && stream?.nextSyncAt && <span className="block text-meta">Tried again at {instant(stream.nextSyncAt, zone)}</span>}
    </>
  );
}
