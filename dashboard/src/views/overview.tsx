// All creators of the agency, at one look.

import { params } from '../lib/filters';
import { useDashboard } from '../hooks/data';
import { useLive } from '../hooks/live';
import { useFilters, useTitle } from '../hooks/page';
import { Gate } from '../components/gate';
import { Head, Report } from '../components/report';
import { Creators } from '../components/creators';

export function Overview() {
  const [filters, change] = useFilters();
  const query = useDashboard(filters);
  useTitle('Overview');
  useLive(query.data?.agency.id);
  return (
    <>
      <Head title="Overview" note={query.data?.agency.name} data={query.data} filters={filters} onChange={change} />
      <Gate query={query}>
        {(data) => (
          <Report query={query} data={data} filters={filters} asked={params(filters)} onChange={change}>
            <Creators data={data} filters={filters} onChange={change} />
          </Report>
        )}
      </Gate>
    </>
  );
}
