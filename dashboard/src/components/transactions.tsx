// The latest transactions of a creator, with what marks them: taken back, provisional, pending,
// changed, or gone from Fanvue's list; and with all that proves each.

import { useId, useState, type ReactNode } from 'react';

import type { OpenSale, Row, Transactions } from '../api';
import { useTransactions } from '../hooks/rows';
import { sourceName } from '../lib/categories';
import { moment } from '../lib/dates';
import type { Filters } from '../lib/filters';
import { money } from '../lib/money';
import { Evidence } from './evidence';
import { Card, cause, Scroll } from './parts';

export function TransactionList({ filters, modelId, revision }: {
  filters: Filters; modelId: string; revision: number;
}) {
  const query = useTransactions(filters, modelId, revision);
  const pages = query.data?.pages ?? [];
  const first = pages[0];
  const rows = pages.flatMap((page) => page.transactions);
  const note = first ? `Newest first · ${first.timezone} time` : 'Newest first';
  return (
    <Card title="Latest transactions" note={note}>
      {query.isPending && <div className="skeleton h-48" role="status" aria-label="Loading transactions" />}
      {query.error && (
        <p role="alert" className="mb-3 text-neg">
          {cause(query.error)}{' '}
          <button type="button" className="underline" onClick={() => void query.refetch()}>Try again</button>
        </p>
      )}
      {first && rows.length + first.provisional.length === 0 && <p className="text-mute">None in this range.</p>}
      {first && rows.length + first.provisional.length > 0 && <Table first={first} rows={rows} />}
      {query.hasNextPage && (
        <button type="button" className="control mt-4 self-start" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading' : 'Show more'}
        </button>
      )}
    </Card>
  );
}

function Table({ first, rows }: { first: Transactions; rows: Row[] }) {
  // A sale may have got its row between two pages: shown once.
  const booked = new Set(rows.map((row) => row.orderId));
  const open = first.provisional.filter((sale) => sale.orderId === null || !booked.has(sale.orderId));
  return (
    <Scroll label="Transactions, as a table">
      <table className="w-full">
        <thead className="text-left text-meta text-mute">
          <tr className="border-b border-line">
            <th scope="col" className="pb-2 font-medium">Time</th>
            <th scope="col" className="pb-2 pl-4 font-medium">Kind</th>
            <th scope="col" className="pb-2 pl-4 font-medium">Fan</th>
            <th scope="col" className="pb-2 pl-4 text-right font-medium">Gross</th>
            <th scope="col" className="pb-2 pl-4 text-right font-medium">Net</th>
            <th scope="col" className="pb-2 pl-4 font-medium">Marks</th>
            <th scope="col" className="pb-2 pl-4 text-right font-medium"><span className="sr-only">Evidence</span></th>
          </tr>
        </thead>
        <tbody>
          {open.map((sale) => <Line key={sale.eventKey} one={sale} page={first} fan={null} marks={provisional(sale, first.timezone)} />)}
          {rows.map((row) => <Line key={row.id} one={row} page={first} fan={row.fanName ?? row.fanHandle} marks={marks(row, first.timezone)} />)}
        </tbody>
      </table>
    </Scroll>
  );
}

function Line({ one, page, fan, marks }: { one: Row | OpenSale; page: Transactions; fan: string | null; marks: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const cell = 'py-2 pl-4 whitespace-nowrap';
  const edge = isOpen ? '' : 'border-b border-line last:border-0';
  return (
    <>
      <tr className={edge} data-testid="transaction">
        <td className="num py-2 whitespace-nowrap text-mute">
          <time dateTime={one.date}>{moment(one.date, page.timezone)}</time>
        </td>
        <td className={cell}>{sourceName(one.source)}</td>
        <td className={`${cell} max-w-40 truncate text-mute`}>{fan ?? '—'}</td>
        <td className={`${cell} num text-right font-medium`}>{money(one.amountCents, page.currency)}</td>
        <td className={`${cell} num text-right`}>{one.netCents === null ? '—' : money(one.netCents, page.currency)}</td>
        <td className={cell}><span className="flex gap-1.5">{marks}</span></td>
        <td className={`${cell} text-right`}>
          <button
            type="button" className="min-h-6 text-meta text-mute underline hover:text-ink" aria-expanded={isOpen} aria-controls={id}
            onClick={() => setOpen(!isOpen)}
          >
            Evidence<span className="sr-only"> of {sourceName(one.source)}, {moment(one.date, page.timezone)}</span>
          </button>
        </td>
      </tr>
      <tr id={id} hidden={!isOpen} className="border-b border-line last:border-0">
        {isOpen && <td colSpan={7} className="pb-3"><Evidence one={one} zone={page.timezone} /></td>}
      </tr>
    </>
  );
}

function Tag({ tone, title, children }: { tone: string; title?: string; children: ReactNode }) {
  return <span className={`rounded-full border px-2 text-axis leading-5 ${tone}`} title={title}>{children}</span>;
}

function marks(row: Row, zone: string): ReactNode {
  return (
    <>
      {row.category === 'refunds' && (
        <Tag tone="border-neg text-neg" {...(row.reverses ? { title: `Takes back order ${row.reverses}` } : {})}>
          {row.source === 'chargeback' ? 'Chargeback' : 'Refund'}
        </Tag>
      )}
      {row.status === 'pendingBalance' && <span className="text-axis leading-5 text-mute" title="Not yet available for payout">Pending</span>}
      {row.amended && <Tag tone="border-edge text-mute" title={`Changed by Fanvue, last seen ${moment(row.updatedAt, zone)}`}>Changed</Tag>}
      {row.absentSince && (
        <Tag tone="border-warn text-warn" title={`Not in Fanvue’s list since ${moment(row.absentSince, zone)}`}>Missing at Fanvue</Tag>
      )}
    </>
  );
}

function provisional(sale: OpenSale, zone: string): ReactNode {
  const title = `Told by Fanvue at once; its row is on its way. Leaves the figures ${moment(sale.expiresAt, zone)} if none comes`;
  return (
    <>
      <Tag tone="border-warn text-warn" title={title}>Provisional</Tag>
      {sale.category === 'refunds' && <Tag tone="border-neg text-neg">{sale.source === 'chargeback' ? 'Chargeback' : 'Refund'}</Tag>}
    </>
  );
}
