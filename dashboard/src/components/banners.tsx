// What stands above the figures when they are not the whole story, and what to do about it.

import type { Connection, Creator, Dashboard } from '../api';
import { useConnect, useConnections, type DashboardQuery } from '../hooks/data';
import { useNow, useOnline } from '../hooks/time';
import { moment, time } from '../lib/dates';
import { serverNow } from '../lib/clock';
import { standing } from '../lib/freshness';
import { count, plural } from '../lib/money';
import { Icon } from './icons';
import { cause, Notice } from './parts';

/** The connection through which a creator was read. */
export function connectionOf(creator: Creator, connections: Connection[]): Connection | undefined {
  const own = connections.find((one) => one.kind === 'creator' && one.accountUuid === creator.fanvueUserUuid);
  const agencies = connections.filter((one) => one.kind === 'agency');
  return own ?? agencies.find((one) => one.state === 'revoked') ?? agencies.find((one) => one.state === 'disconnected')
    ?? agencies[0];
}

export function Reconnect({ connectionId, isPrimary = false }: { connectionId: string; isPrimary?: boolean }) {
  const connect = useConnect();
  return (
    <span className="flex flex-wrap items-center justify-end gap-2">
      {connect.error && <span role="alert" className="text-meta text-neg">{cause(connect.error)}</span>}
      <button
        type="button" disabled={connect.isPending}
        className={`${isPrimary ? 'primary' : 'control'} inline-flex items-center gap-2`}
        onClick={() => connect.mutate({ connectionId })}
      >
        <Icon name="link" /> Reconnect
      </button>
    </span>
  );
}

/** Accounts that ended by themselves. Who was disconnected by a person is no news. */
export function ConnectionBanner({ data }: { data: Dashboard }) {
  const gone = data.models.filter((one) => one.state === 'disconnected');
  const connections = useConnections(data.agency.id, gone.length > 0);
  if (gone.length === 0 || connections.isPending) return null;
  const groups = new Map<string, { connection: Connection | undefined; creators: Creator[] }>();
  for (const creator of gone) {
    const connection = connectionOf(creator, connections.data ?? []);
    if (connection?.state === 'disconnected') continue;
    const group = groups.get(connection?.id ?? '') ?? { connection, creators: [] };
    group.creators.push(creator);
    groups.set(connection?.id ?? '', group);
  }
  return [...groups].map(([id, { connection, creators }]) => (
    <Notice
      key={id} tone="warn"
      title={creators.length === 1
        ? `${creators[0]?.name} is disconnected.`
        : `${count(creators.length)} creators are disconnected.`}
      action={connection && <Reconnect connectionId={connection.id} />}
    >
      {stops(creators, data.timezone)} Reconnect to catch up.
    </Notice>
  ));
}

function stops(creators: Creator[], zone: string): string {
  const ends = creators.map((one) => one.asOf).filter((at) => at !== null).sort();
  if (ends.length < creators.length || !ends[0]) return 'Their history is incomplete.';
  return `Totals stop at ${moment(ends[0], zone)}.`;
}

/** Histories that are not read to their end: being read, or stuck. */
export function HistoryBanner({ data }: { data: Dashboard }) {
  const now = useNow();
  const unread = data.models.filter((one) => one.asOf === null && one.state !== 'disconnected');
  if (unread.length === 0) return null;
  const reading = unread.filter((one) => ['syncing', 'never'].includes(standing(one, data.toldAt, now).state));
  const rows = unread.reduce((sum, one) => sum + one.rowsSoFar, 0);
  const complete = data.models.length - unread.length;
  if (reading.length === 0) {
    return (
      <Notice tone="warn" title={`${count(complete)} of ${plural(data.models.length, 'creator')} complete.`}>
        {names(unread)} could not be read to the end; it is tried again by itself. Their figures are too low until then.
      </Notice>
    );
  }
  const title = unread.length === 1
    ? `Reading ${unread[0]?.name}’s history`
    : `Reading ${plural(unread.length, 'history', 'histories')}`;
  return (
    <Notice
      tone="plain"
      title={<><i className="spinning mr-2 inline-block size-3 align-[-1px]" aria-hidden="true" />{title}.</>}
    >
      <span className="num">{plural(rows, 'transaction')}</span> so far.
      {complete > 0 && ` ${count(complete)} of ${plural(data.models.length, 'creator')} complete.`} You can leave this page.
    </Notice>
  );
}

function names(creators: Creator[]): string {
  const first = creators.slice(0, 2).map((one) => one.name);
  const rest = creators.length - first.length;
  return rest > 0 ? `${first.join(', ')} and ${plural(rest, 'other')}` : first.join(' and ');
}

/** The last good figures stay; this says how old they are. */
export function StaleNotice({ query }: { query: DashboardQuery }) {
  const isOnline = useOnline();
  const { data } = query;
  if (!data || (isOnline && !query.isError)) return null;
  const at = time(query.dataUpdatedAt + (serverNow() - Date.now()), data.timezone);
  if (!isOnline) return <Notice tone="warn" title="You are offline.">Figures from {at}.</Notice>;
  return (
    <Notice
      tone="warn" title={`Showing figures from ${at}.`}
      action={<button type="button" className="control" onClick={() => void query.refetch()}>Retry now</button>}
    >
      We could not refresh; trying again. {query.error && cause(query.error)}
    </Notice>
  );
}
