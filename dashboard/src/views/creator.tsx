// One creator: the same figures, the transactions behind them, how they are read and through which account.

import { Link } from 'wouter';

import type { Dashboard, Stream } from '../api';
import { params } from '../lib/filters';
import { useDashboard } from '../hooks/data';
import { useJobs } from '../hooks/jobs';
import { useLive } from '../hooks/live';
import { useFilters, useHref, useTitle } from '../hooks/page';
import { useStatus } from '../hooks/sync';
import { instant, moment } from '../lib/dates';
import { Gate } from '../components/gate';
import { Icon } from '../components/icons';
import { Head, Report } from '../components/report';
import { Account } from '../components/health/accounts';
import { Card, cause } from '../components/parts';
import { SyncList } from '../components/sync-list';
import { TransactionList } from '../components/transactions';

export default function CreatorView({ modelId }: { modelId: string }) {
  const [filters, change] = useFilters();
  const href = useHref();
  const query = useDashboard(filters, modelId);
  const creator = query.data?.models[0];
  useTitle(creator?.name ?? 'Creator');
  useLive(query.data?.agency.id);
  const back = (
    <Link href={href('/')} aria-label="Back to the overview" className="grid size-9 place-items-center rounded-control text-mute hover:bg-raised hover:text-ink">
      <Icon name="back" size={20} />
    </Link>
  );
  return (
    <>
      <Head
        title={creator?.name ?? 'Creator'} note={creator?.handle ? `@${creator.handle}` : undefined} before={back}
        data={query.data} filters={filters} modelId={modelId} onChange={change}
      />
      <Gate query={query}>
        {(data) => (
          <Report
            query={query} data={data} filters={filters} asked={params(filters, modelId)} modelId={modelId} onChange={change}
          >
            <TransactionList filters={filters} modelId={modelId} revision={data.revision} />
            <CreatorConnection data={data} modelId={modelId} />
            <History data={data} modelId={modelId} />
          </Report>
        )}
      </Gate>
    </>
  );
}

/** The account through which a creator is read, and how the reading stands. */
function CreatorConnection({ data, modelId }: { data: Dashboard; modelId: string }) {
  const status = useStatus(data.agency.id);
  const stream = status.data?.streams.find((one) => one.modelId === modelId);
  const account = status.data?.connections.find((one) => one.id === stream?.connectionId);
  return (
    <Card title="Connection" note="The Fanvue account through which this creator is read">
      {status.isPending && <div className="skeleton h-16" role="status" aria-label="Loading the connection" />}
      {status.error && !status.data && (
        <p role="alert" className="text-neg">
          {cause(status.error)}{' '}
          <button type="button" className="underline" onClick={() => void status.refetch()}>Try again</button>
        </p>
      )}
      {status.data && !account && <p className="text-mute">No account is connected that reads this creator.</p>}
      {status.data && account && (
        <ul>
          <Account one={account} zone={data.timezone} budgets={status.data.budgets.filter((one) => one.connectionId === account.id)} />
        </ul>
      )}
      {stream && <p className="mt-3 text-meta text-mute" data-testid="stream">{told(stream, data.timezone)}</p>}
    </Card>
  );
}

function told(stream: Stream, zone: string): string {
  const parts = [
    stream.triedAt && `Last read ${moment(stream.triedAt, zone)}.`,
    stream.lastError && `It failed: ${stream.lastError.replace(/\.$/, '')}.`,
    stream.pausedUntil && `Fanvue asked us to wait until ${instant(stream.pausedUntil, zone)}.`,
    stream.state === 'parked' && 'Set aside until somebody asks for another attempt.',
    stream.nextSyncAt && `Next read ${moment(stream.nextSyncAt, zone)}.`,
  ];
  return parts.filter((part) => part).join(' ');
}

function History({ data, modelId }: { data: Dashboard; modelId: string }) {
  const jobs = useJobs(data.agency.id, modelId);
  return jobs.data ? <SyncList jobs={jobs.data} data={data} modelId={modelId} /> : null;
}
