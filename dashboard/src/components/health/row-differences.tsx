// The rows behind a difference, one by one: what Fanvue says and what we hold.

import type { Difference } from '../../api';
import { moment } from '../../lib/dates';
import { money, plural } from '../../lib/money';

export function RowDifferences({ rows, currency, timezone }: { rows: Difference['rows']; currency: string; timezone: string }) {
  const amount = (cents: number | null) => (cents === null ? '—' : money(cents, currency));
  return (
    <details className="mt-1 text-meta">
      <summary className="inline-flex min-h-6 items-center underline">Show {plural(rows.length, 'row')}</summary>
      <table className="mt-1 w-full">
        <thead className="text-left text-mute">
          <tr>
            <th scope="col" className="font-medium">Time</th>
            <th scope="col" className="pl-3 text-right font-medium">Fanvue</th>
            <th scope="col" className="pl-3 text-right font-medium">Ledger</th>
            <th scope="col" className="pl-3 font-medium">Row</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${row.id} ${index}`} className="align-top">
              <td className="num whitespace-nowrap"><time dateTime={row.date}>{moment(row.date, timezone)}</time></td>
              <td className="num pl-3 text-right whitespace-nowrap">{amount(row.fanvueCents)}</td>
              <td className="num pl-3 text-right whitespace-nowrap">{amount(row.ledgerCents)}</td>
              <td className="pl-3 break-all">{row.id || '—'}{row.note && <span className="block text-mute">{row.note}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
