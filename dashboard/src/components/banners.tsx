// What stands above the figures when they are not the whole story, and what to do about it.

import type { Connection, Creator, Dashboard } from '../api';
import { useConnect, useConnections, type DashboardQuery } from '../hooks/data';
import { useNow, useOnline } from '../hooks/time';
import { instant, moment } from '../lib/dates';
import { standing, unbegun } from '../lib/freshness';
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

/** Histories that are not read to their end: being read, next, stuck, or of nobody's account. */
export function HistoryBanner({ data }: { data: Dashboard }) {
  const now = useNow();
  const unread = data.models.filter((one) => one.asOf === null && one.state !== 'disconnected');
  const lost = unread.filter((one) => unbegun(one) === 'noAccount');
  const next = unread.filter((one) => unbegun(one) === 'next');
  const reading = unread.filter((one) => standing(one, data.toldAt, now).state === 'syncing');
  const stuck = unread.filter((one) => ![...lost, ...next, ...reading].includes(one));
  const done = data.models.filter((one) => one.asOf !== null).length;
  const complete = `${count(done)} of ${plural(data.models.length, 'creator')} complete.`;
  return (
    <>
      {reading.length > 0 && <Reading reading={reading} next={next.length} complete={done > 0 && complete} />}
      {reading.length === 0 && next.length > 0 && (
        <Notice
          tone="plain"
          title={next.length === 1 ? `${next[0]?.name}’s history is read next.` : `${count(next.length)} histories are read next.`}
        >
          That begins by itself, with the next sync.{done > 0 && ` ${complete}`} You can leave this page.
        </Notice>
      )}
      {reading.length + next.length === 0 && stuck.length > 0 && (
        <Notice tone="warn" title={complete}>
          {names(stuck)} could not be read to the end; it is tried again by itself. Their figures are too low until then.
        </Notice>
      )}
      {lost.length > 0 && (
        <Notice tone="warn" title={`No account is connected that reads ${names(lost)}.`} action={<Connect agencyId={data.agency.id} />}>
          Nothing was read of them yet, and nothing will be before.
        </Notice>
      )}
    </>
  );
}

/** Whose history is read is news; how much of it was, is none every five seconds. */
function Reading({ reading, next, complete }: { reading: Creator[]; next: number; complete: string | false }) {
  const rows = reading.reduce((sum, one) => sum + one.rowsSoFar, 0);
  const whose = reading.length === 1 ? `${reading[0]?.name}’s history` : plural(reading.length, 'history', 'histories');
  return (
    <Notice
      tone="plain" isQuiet
      title={<><i className="spinning mr-2 inline-block size-3 align-[-1px]" aria-hidden="true" /><span role="status">{`Reading ${whose}.`}</span></>}
    >
      <span className="num">{plural(rows, 'transaction')}</span> so far.
      {next > 0 && ` ${plural(next, 'other')} next.`}{complete && ` ${complete}`} You can leave this page.
    </Notice>
  );
}

function Connect({ agencyId }: { agencyId: string }) {
  const connect = useConnect();
  return (
    <span className="flex flex-wrap items-center justify-end gap-2">
      {connect.error && <span role="alert" className="text-meta text-neg">{cause(connect.error)}</span>}
      <button
        type="button" disabled={connect.isPending} className="control inline-flex items-center gap-2"
        onClick={() => connect.mutate({ agencyId })}
      >
        <Icon name="link" /> Connect Fanvue
      </button>
    </span>
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
  // Not when the query was answered: figures of another range, which stand in for it, were before.
  const at = instant(data.toldAt, data.timezone);
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
