// What the nightly proof found: how far it is, days that differ still, and a receipt of each repair.

import type { Dashboard, Repair, Status } from '../../api';
import { useRepairs } from '../../hooks/health';
import { day, isOfOtherYear, moment } from '../../lib/dates';
import { money, plural } from '../../lib/money';
import { repairCause, repaired, repairKind } from '../../lib/repairs';
import { Age } from '../indicator';
import { Card, cause, Scroll } from '../parts';

/** Days that differ still that are listed; the endpoint has all. */
const DIFFERING_MAX = 5;

export function Repairs({ data, proof }: { data: Dashboard; proof: Status['proof'] | undefined }) {
  const query = useRepairs(data.agency.id);
  const repairs = query.data?.pages.flatMap((page) => page.repairs);
  return (
    <Card
      title="Repairs"
      note="Every night all sums are compared with the rows, and the last 35 days with Fanvue’s totals; what was put right has a receipt"
    >
      {proof && <Proof proof={proof} data={data} />}
      {query.isPending && <div className="skeleton h-24" role="status" aria-label="Loading repairs" />}
      {query.error && (
        <p role="alert" className="mb-3 text-neg">
          {cause(query.error)}{' '}
          <button type="button" className="underline" onClick={() => void query.refetch()}>Try again</button>
        </p>
      )}
      {repairs?.length === 0 && <p className="text-mute">Nothing had to be repaired yet.</p>}
      {repairs !== undefined && repairs.length > 0 && <Table repairs={repairs} data={data} />}
      {query.hasNextPage && (
        <button type="button" className="control mt-4 self-start" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading' : 'Show more'}
        </button>
      )}
    </Card>
  );
}

function Proof({ proof, data }: { proof: Status['proof']; data: Dashboard }) {
  const { timezone, currency } = data;
  const shown = proof.differences.slice(0, DIFFERING_MAX);
  const rest = proof.differences.length - shown.length;
  return (
    <div className="mb-3" data-testid="proof">
      <p>
        {proof.oldestComparedAt === null
          ? 'Nobody was compared with Fanvue’s totals yet.'
          : <>
            {plural(proof.creatorsCompared, 'creator')} compared with Fanvue’s totals, all since{' '}
            {moment(proof.oldestComparedAt, timezone)} (<Age at={proof.oldestComparedAt} />).
          </>}
        {shown.length > 0 && <span className="text-warn"> {plural(proof.differences.length, 'day differs', 'days differ')} still:</span>}
      </p>
      {shown.length > 0 && (
        <ul className="mt-1 text-meta text-mute">
          {shown.map((one) => (
            <li key={`${one.modelId} ${one.day}`}>
              {one.name}, {dated(one.day, timezone)} in UTC: {money(one.fanvueCents, currency)} at Fanvue, {money(one.ledgerCents, currency)} in
              the rows. {one.state === 'settled' ? 'Read again, and it differs all the same.' : 'It is read again by itself.'}
            </li>
          ))}
          {rest > 0 && <li>And {plural(rest, 'other day')}.</li>}
        </ul>
      )}
    </div>
  );
}

function dated(date: string, zone: string): string {
  return day(date, isOfOtherYear(date, zone));
}

function Table({ repairs, data }: { repairs: Repair[]; data: Dashboard }) {
  const { timezone, currency } = data;
  const column = 'pb-2 pl-4 font-medium';
  const cell = 'py-2 pl-4 align-top';
  return (
    <Scroll label="Repairs, the newest first">
      <table className="w-full" data-testid="repairs">
        <thead className="text-left text-meta text-mute">
          <tr className="border-b border-line">
            <th scope="col" className="pb-2 font-medium">Repaired</th>
            <th scope="col" className={column}>Creator</th>
            <th scope="col" className={column}>What</th>
            <th scope="col" className={column}>Day</th>
            <th scope="col" className={column}>Cause</th>
            <th scope="col" className={`${column} text-right`}>Before</th>
            <th scope="col" className={`${column} text-right`}>After</th>
          </tr>
        </thead>
        <tbody>
          {repairs.map((one) => (
            <tr key={one.id} className="border-b border-line last:border-0" data-testid="repair" data-cause={one.cause}>
              <td className="num py-2 align-top whitespace-nowrap"><time dateTime={one.repairedAt}>{moment(one.repairedAt, timezone)}</time></td>
              <td className={`${cell} whitespace-nowrap`}>{one.modelName ?? 'All creators'}</td>
              <td className={cell}>{repairKind(one)}</td>
              <td className={`${cell} num whitespace-nowrap`}>
                {one.day === null ? 'All' : dated(one.day, timezone)}{one.day !== null && one.kind === 'rows' && ' UTC'}
              </td>
              <td className={`${cell} min-w-48 text-mute`}>{repairCause(one)}</td>
              <td className={`${cell} num text-right whitespace-nowrap`}>{repaired(one.beforeCents, one.beforeRows, one, currency)}</td>
              <td className={`${cell} num text-right whitespace-nowrap`}>{repaired(one.afterCents, one.afterRows, one, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
