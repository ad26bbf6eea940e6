// One creator: the same figures, and the transactions behind them.

import { Link } from 'wouter';

import { params } from '../lib/filters';
import { useDashboard, useLive } from '../hooks/data';
import { useFilters, useHref, useTitle } from '../hooks/page';
import { Gate } from '../components/gate';
import { Icon } from '../components/icons';
import { Head, Report } from '../components/report';
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
          </Report>
        )}
      </Gate>
    </>
  );
}
