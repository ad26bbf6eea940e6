// The card around the chart: as a picture or as a table, compared or not, and as a file.

import { CATEGORIES, PATHS, address, type Dashboard } from '../api';
import { useDownload } from '../hooks/rows';
import { cents, NAMES } from '../lib/categories';
import { pointDays, span } from '../lib/dates';
import type { Asked, Filters } from '../lib/filters';
import { count, money } from '../lib/money';
import { bearer } from '../session';
import { RevenueChart } from './chart';
import { Icon } from './icons';
import { Card, cause, Scroll } from './parts';

export function Revenue({ data, filters, asked, onChange }: {
  data: Dashboard; filters: Filters; asked: Asked; onChange: (change: Partial<Filters>) => void;
}) {
  const { period } = data;
  const label = 'sr-only sm:not-sr-only';
  return (
    <Card
      title="Revenue over time"
      note={<>
        {span(period.from, period.to, period.timezone)} · {period.timezone} time
        {period.partialLast && <span className="max-sm:block"><span className="max-sm:hidden"> · </span>last bar so far</span>}
      </>}
      actions={
        <>
          {period.previous && (
            <button type="button" className="control inline-flex items-center gap-2" aria-pressed={filters.compare}
              onClick={() => onChange({ compare: !filters.compare })}>
              <span aria-hidden="true">┄</span> Previous
            </button>
          )}
          <button type="button" className="control inline-flex items-center gap-2" aria-pressed={filters.table}
            onClick={() => onChange({ table: !filters.table })}>
            <Icon name="table" /> <span className={label}>Table</span>
          </button>
          <CsvLink asked={asked} />
        </>
      }
    >
      {filters.table
        ? <RevenueTable data={data} compare={filters.compare} />
        : <RevenueChart data={data} compare={filters.compare} />}
    </Card>
  );
}

function CsvLink({ asked }: { asked: Asked }) {
  const download = useDownload();
  const look = 'control inline-flex items-center gap-2';
  const inside = <><Icon name="download" /> <span className="sr-only sm:not-sr-only">CSV</span></>;
  const title = 'The transactions of this view as a file';
  if (bearer() === null) {
    return <a className={look} href={address(PATHS.export, asked)} download title={title}>{inside}</a>;
  }
  return (
    <>
      <button type="button" className={look} title={title} disabled={download.isPending}
        onClick={() => download.mutate(asked)}>{inside}</button>
      {download.error && <span role="alert" className="text-meta text-neg">{cause(download.error)}</span>}
    </>
  );
}

function RevenueTable({ data, compare }: { data: Dashboard; compare: boolean }) {
  const { chartData: points, currency, period } = data;
  const shown = CATEGORIES.filter((one) => points.some((point) => cents(point, one) !== 0));
  const withPrevious = compare && period.previous !== null;
  const cell = 'num py-1.5 pl-4 text-right whitespace-nowrap';
  const total = (of: (point: (typeof points)[number]) => number) =>
    money(points.reduce((sum, point) => sum + of(point), 0), currency);
  return (
    <Scroll label="Revenue over time, as a table">
      <table className="w-full text-meta" data-testid="revenue-table">
        <thead className="text-mute">
          <tr className="border-b border-line">
            <th scope="col" className="py-2 text-left font-medium capitalize">{period.bucket}</th>
            {shown.map((one) => <th scope="col" key={one} className={`${cell} font-medium`}>{NAMES[one]}</th>)}
            <th scope="col" className={`${cell} font-medium`}>Gross</th>
            <th scope="col" className={`${cell} font-medium`}>Net</th>
            <th scope="col" className={`${cell} font-medium`}>Transactions</th>
            {withPrevious && <th scope="col" className={`${cell} font-medium`}>Previous</th>}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.date} className="border-b border-line">
              <th scope="row" className="py-1.5 text-left font-normal whitespace-nowrap">
                {pointDays(point.date, point.endDate)}{point.partial && <span className="text-mute"> · so far</span>}
              </th>
              {shown.map((one) => <td key={one} className={cell}>{money(cents(point, one), currency)}</td>)}
              <td className={`${cell} font-semibold`}>{money(point.totalCents, currency)}</td>
              <td className={cell}>{money(point.netCents, currency)}</td>
              <td className={cell}>{count(point.transactionCount)}</td>
              {withPrevious && (
                <td className={`${cell} text-mute`}>
                  {point.previousTotalCents === null ? '—' : money(point.previousTotalCents, currency)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
        <tfoot className="font-semibold">
          <tr>
            <th scope="row" className="py-2 text-left">Total</th>
            {shown.map((one) => <td key={one} className={cell}>{total((point) => cents(point, one))}</td>)}
            <td className={cell}>{total((point) => point.totalCents)}</td>
            <td className={cell}>{total((point) => point.netCents)}</td>
            <td className={cell}>{count(points.reduce((sum, point) => sum + point.transactionCount, 0))}</td>
            {withPrevious && <td className={cell}>{total((point) => point.previousTotalCents ?? 0)}</td>}
          </tr>
        </tfoot>
      </table>
    </Scroll>
  );
}
