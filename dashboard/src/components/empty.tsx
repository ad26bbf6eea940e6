// Days without any transaction: said as such where all of them is known, with the way to days that have some.

import type { Dashboard, Day } from '../api';
import { useLastSale } from '../hooks/rows';
import { serverNow } from '../lib/clock';
import { day, dayIn, isOfOtherYear, plusDays, span } from '../lib/dates';
import type { Filters } from '../lib/filters';
import { count, plural } from '../lib/money';
import { Blank } from './parts';

const FIRST = '2015-01-01';

export function NoRevenue({ data, filters, modelId, onChange }: {
  data: Dashboard; filters: Filters; modelId?: string | undefined; onChange: (change: Partial<Filters>) => void;
}) {
  const { from, to } = data.period;
  const isAll = 'name' in filters.range && filters.range.name === 'all';
  const decade = plusDays(from, -3_600);
  const asked = isAll ? null : {
    agencyId: data.agency.id, modelId, endDate: plusDays(from, -1), startDate: decade < FIRST ? FIRST : decade,
  };
  const unread = data.models.filter((one) => one.asOf === null).length;
  const last = useLastSale(unread > 0 ? null : asked);
  const isShort = 'from' in filters.range || filters.range.name === '7d';
  const further = (
    <button type="button" className="primary" onClick={() => onChange({ range: { name: isShort ? '30d' : 'all' } })}>
      {isShort ? 'Show 30 days' : 'Show all time'}
    </button>
  );
  // Of what was not read to its end nobody knows that there is nothing.
  if (unread > 0) {
    const all = data.models.length;
    return (
      <Blank icon="table" title={isAll ? 'Nothing read yet' : 'Nothing read yet in these days'} action={isAll ? undefined : further}>
        {count(all - unread)} of {plural(all, 'history is', 'histories are')} complete.
      </Blank>
    );
  }
  if (isAll) return <Blank icon="table" title="No revenue yet">Every history was read; there is no sale in any of them.</Blank>;
  // Of days that are long over, there may have been sales after them, too.
  const told = (date: Day) => day(date, isOfOtherYear(date, data.timezone));
  const isUpToNow = dayIn(serverNow(), data.timezone) <= to;
  return (
    <Blank
      icon="table" title={from === to ? `No revenue on ${told(from)}` : `No revenue between ${span(from, to, data.timezone).replace(' to ', ' and ')}`}
      action={further}
    >
      {last.data && <>The last sale{isUpToNow ? '' : ' before'} was on {told(last.data)}.</>}
      {last.data === null && 'There was no sale before either.'}
    </Blank>
  );
}
