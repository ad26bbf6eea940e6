// Whether the figures can be trusted, by comparison, creator by creator and account by account, and what to do.

import type { Dashboard, Diagnosis, Status } from '../api';
import { useDashboard } from '../hooks/data';
import { useDiagnosis } from '../hooks/health';
import { useLive } from '../hooks/live';
import { useFilters, useTitle } from '../hooks/page';
import { useStatus } from '../hooks/sync';
import { useBelow, useNow } from '../hooks/time';
import { standing } from '../lib/freshness';
import { count, plural } from '../lib/money';
import { isOld } from '../lib/reconcile';
import { HistoryBanner, StaleNotice } from '../components/banners';
import { Gate } from '../components/gate';
import { Accounts } from '../components/health/accounts';
import { CreatorTable } from '../components/health/creators';
import { Reconciliation, verdict } from '../components/health/reconciliation';
import { Repairs } from '../components/health/repairs';
import { Audiences, SetAside } from '../components/health/set-aside';
import { Icon } from '../components/icons';
import { cause, Notice } from '../components/parts';
import { SyncButton, Syncs } from '../components/sync-button';
import { SyncList } from '../components/sync-list';

/** How long what stands below the comparison waits for it, in milliseconds: how high its table is, nobody knows before. */
const COMPARED_IN = 3_000;

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
            <Health data={data} />
          </div>
        )}
      </Gate>
    </>
  );
}

function Health({ data }: { data: Dashboard }) {
  const status = useStatus(data.agency.id);
  const diagnosis = useDiagnosis(data.agency.id);
  const rest = useBelow(!diagnosis.isPending, COMPARED_IN);
  return (
    <>
      <Verdict data={data} status={status.data} diagnosis={diagnosis.data} />
      <Reconciliation data={data} />
      {rest === 'waits' && <div className="card h-[480px] p-5"><div className="skeleton h-full" /></div>}
      {rest === 'stands' && <Rest data={data} status={status} />}
    </>
  );
}

/** All that stands below the comparison. */
function Rest({ data, status }: { data: Dashboard; status: ReturnType<typeof useStatus> }) {
  const zone = data.timezone;
  return (
    <>
      {status.data && <SetAside status={status.data} zone={zone} />}
      <CreatorTable data={data} status={status.data} />
      {status.isPending && <div className="skeleton h-48" role="status" aria-label="Loading connections" />}
      {status.error && (
        <p role="alert" className="text-neg">
          {cause(status.error)}{' '}
          <button type="button" className="underline" onClick={() => void status.refetch()}>Try again</button>
        </p>
      )}
      {status.data && <Accounts status={status.data} zone={zone} />}
      {status.data && <SyncList jobs={[...status.data.runningJobs, ...status.data.latestJobs]} data={data} />}
      <Repairs data={data} proof={status.data?.proof} />
      {status.data && <Audiences status={status.data} zone={zone} />}
    </>
  );
}

function Verdict({ data, status, diagnosis }: { data: Dashboard; status: Status | undefined; diagnosis: Diagnosis | undefined }) {
  const now = useNow();
  const states = data.models.map((one) => standing(one, data.toldAt, now).state);
  const of = (state: string) => states.filter((one) => one === state).length;
  const [live, syncing, gone] = [of('live'), of('syncing'), of('disconnected')];
  const setAside = (status?.parked.length ?? 0) + (status?.audience.reduce((sum, one) => sum + one.parked, 0) ?? 0);
  const compared = diagnosis && !isOld(diagnosis, now) ? diagnosis : undefined;
  const differing = compared?.creators.some((one) => one.result === 'mismatch') ?? false;
  const urgent = [
    gone > 0 && `${count(gone)} of ${count(states.length)} disconnected`,
    differing && compared && verdict(compared),
    data.freshness.rejects > 0 && `${plural(data.freshness.rejects, 'row')} set aside`,
    setAside > 0 && `${plural(setAside, 'reading')} set aside`,
  ].filter((part) => part !== false && part !== undefined);
  const passing = [
    of('stale') > 0 && `${count(of('stale'))} not confirmed in the last 5 minutes`,
    of('never') > 0 && `${count(of('never'))} not read yet`,
  ].filter((part) => part !== false);
  if (urgent.length + passing.length > 0) {
    return <Notice tone="warn" title={`${urgent.length > 0 ? 'Needs attention' : 'Not all live'}:`}>{[...urgent, ...passing].join(' · ')}.</Notice>;
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
