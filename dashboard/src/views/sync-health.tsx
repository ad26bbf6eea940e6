// Whether the figures can be trusted, creator by creator and account by account, and what to do.

import { Link } from 'wouter';

import type { Connection, Creator, Dashboard } from '../api';
import { useConnections, useDashboard, useLive } from '../hooks/data';
import { useFilters, useHref, useTitle } from '../hooks/page';
import { useNow } from '../hooks/time';
import { moment } from '../lib/dates';
import { standing } from '../lib/freshness';
import { count, plural } from '../lib/money';
import { HistoryBanner, Reconnect, StaleNotice } from '../components/banners';
import { sorted } from '../components/creators';
import { Gate } from '../components/gate';
import { Icon } from '../components/icons';
import { Age, CreatorIndicator } from '../components/indicator';
import { Card, cause, Notice, Scroll } from '../components/parts';
import { SyncButton, Syncs } from '../components/sync-button';

export default function SyncHealth() {
  const [filters] = useFilters();
  const query = useDashboard(filters);
  useTitle('Sync health');
  useLive(query.data?.agency.id);
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-[24px] leading-9 font-semibold tracking-[-0.01em]">Sync health</h1>
        {query.data && query.data.models.length > 0 && <SyncButton agencyId={query.data.agency.id} />}
      </div>
      <Gate query={query}>
        {(data) => (
          <div className="space-y-4">
            <StaleNotice query={query} />
            <HistoryBanner data={data} />
            <Syncs agencyId={data.agency.id} />
            <Verdict data={data} />
            <CreatorTable data={data} />
            <Connections data={data} />
          </div>
        )}
      </Gate>
    </>
  );
}

function Verdict({ data }: { data: Dashboard }) {
  const now = useNow();
  const states = data.models.map((one) => standing(one, data.toldAt, now).state);
  const of = (state: string) => states.filter((one) => one === state).length;
  const [live, syncing, gone] = [of('live'), of('syncing'), of('disconnected')];
  const parts = [
    gone > 0 && `${count(gone)} disconnected`,
    of('stale') > 0 && `${count(of('stale'))} not confirmed in the last 5 minutes`,
    of('never') > 0 && `${count(of('never'))} not read yet`,
    data.freshness.rejects > 0 && `${plural(data.freshness.rejects, 'row')} set aside`,
  ].filter((part) => part !== false);
  if (parts.length > 0) {
    return <Notice tone="warn" title={`${gone > 0 || data.freshness.rejects > 0 ? 'Needs attention' : 'Not all live'}:`}>{parts.join(' · ')}.</Notice>;
  }
  return (
    <div className="card flex items-center gap-3 px-4 py-3" role="status">
      <span className="text-pos"><Icon name="check" /></span>
      <p>
        <strong className="font-semibold">{syncing > 0 ? `${count(live)} live, ${count(syncing)} being read.` : `All ${plural(live, 'creator')} live.`}</strong>{' '}
        <span className="text-mute">{data.freshness.exact ? 'Every row up to their as-of times is counted once.' : ''}</span>
      </p>
    </div>
  );
}

function CreatorTable({ data }: { data: Dashboard }) {
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
                <td className={`${cell} min-w-56 text-mute`}><Why creator={one} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}

function Why({ creator }: { creator: Creator }) {
  return (
    <>
      {creator.reason ? creator.reason.charAt(0).toUpperCase() + creator.reason.slice(1) : 'Nothing'}
      {creator.lastError && <span className="block text-meta">Last error: {creator.lastError}</span>}
    </>
  );
}

function Connections({ data }: { data: Dashboard }) {
  const connections = useConnections(data.agency.id);
  return (
    <Card title="Connections" note="Fanvue accounts through which creators are read">
      {connections.isPending && <div className="skeleton h-24" role="status" aria-label="Loading connections" />}
      {connections.error && !connections.data && (
        <p role="alert" className="text-neg">
          {cause(connections.error)}{' '}
          <button type="button" className="underline" onClick={() => void connections.refetch()}>Try again</button>
        </p>
      )}
      {connections.data?.length === 0 && <p className="text-mute">No account is connected.</p>}
      <ul>
        {connections.data?.map((one) => <Account key={one.id} one={one} zone={data.timezone} />)}
      </ul>
    </Card>
  );
}

const STATES: Record<Connection['state'], [string, string]> = {
  active: ['Connected', 'text-pos'],
  overdue: ['Token ended, being renewed', 'text-warn'],
  revoked: ['Ended by Fanvue', 'text-neg'],
  disconnected: ['Disconnected by a person', 'text-mute'],
};

function Account({ one, zone }: { one: Connection; zone: string }) {
  const [word, tone] = STATES[one.state];
  const isBroken = one.state === 'revoked';
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line py-3 first:pt-0 last:border-0 last:pb-0" data-testid="connection">
      <div className="min-w-40">
        <p className="font-medium">{one.accountHandle ? `@${one.accountHandle}` : one.agencyName}</p>
        <p className="text-meta text-mute">{one.kind === 'agency' ? 'Agency account' : 'Own account'}, {plural(one.creators, 'creator')}</p>
      </div>
      <div className="min-w-0 flex-1 basis-64">
        <p className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
          <Icon name={one.state === 'active' ? 'check' : 'warning'} size={14} /> {word}
        </p>
        <p className="text-meta text-mute">
          {one.asOf && <>Complete up to {moment(one.asOf, zone)} (<Age at={one.asOf} />). </>}
          {one.refreshDueAt && <>Token renews itself, next {moment(one.refreshDueAt, zone)}. </>}
          {one.remedy && <>{one.remedy.text.charAt(0).toUpperCase() + one.remedy.text.slice(1)}. </>}
          {one.missingScopes.length > 0 && <>Missing: {one.missingScopes.map((each) => each.scope).join(', ')}.</>}
        </p>
      </div>
      <Reconnect connectionId={one.id} isPrimary={isBroken} />
    </li>
  );
}
