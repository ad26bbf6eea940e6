// Do the totals agree? What is shown, what the rows add up to, and what Fanvue says at this moment, beside each
// other; and of each difference the cause and what to do.

import { useState } from 'react';

import type { Dashboard, Diagnosed, Diagnosis } from '../../api';
import { useCloser, useDiagnosis } from '../../hooks/health';
import { useCalmBusy, useNow } from '../../hooks/time';
import { day, instant, span } from '../../lib/dates';
import { count, money, plural } from '../../lib/money';
import { CAUSES, clause, grouped, isOld, message, ordered, RESULTS, type Group, type Result } from '../../lib/reconcile';
import { Icon } from '../icons';
import { Age } from '../indicator';
import { Card, cause, Scroll } from '../parts';
import { RowDifferences } from './row-differences';
import { RemedyButton, remedyText, type Deeper } from './remedy';

/** Creators that are listed at first: those who need somebody are among them. */
const ROWS_MAX = 50;
/** Of the table's head, and of a row of it in two lines, in pixels. */
const [HEAD_HEIGHT, ROW_HEIGHT] = [28, 64];

export function Reconciliation({ data }: { data: Dashboard }) {
  const { agency, timezone } = data;
  const query = useDiagnosis(agency.id);
  const isBusy = useCalmBusy(query.isFetching);
  const now = useNow();
  const isPast = query.data !== undefined && isOld(query.data, now);
  const [isWhole, setWhole] = useState(false);
  const all = query.data ? ordered(query.data.creators) : [];
  const shown = isWhole ? all : all.slice(0, ROWS_MAX);
  return (
    <Card
      title="Do the totals agree?"
      note={<>
        Dashboard, our rows and Fanvue, all days
        {query.data
          ? <> · checked {instant(query.data.asked.at, timezone)} (<Age at={query.data.asked.at} />)</>
          : query.isPending && ' · being compared now'}
      </>}
      actions={
        <button type="button" className="control inline-flex items-center gap-2" disabled={query.isFetching} onClick={() => void query.refetch()}>
          {isBusy ? <i className="spinning size-4" aria-hidden="true" /> : <Icon name="sync" />} {isBusy ? 'Checking' : 'Check again'}
        </button>
      }
    >
      {query.isPending && (
        <div className="skeleton" style={{ height: heightOf(data.models.length) }} role="status" aria-label="Asking Fanvue" />
      )}
      {query.error && (
        <p role="alert" className="mb-3 text-neg">
          {cause(query.error)}{' '}
          <button type="button" className="underline" onClick={() => void query.refetch()}>Try again</button>
        </p>
      )}
      {isPast && (
        <p className="mb-3 text-warn" data-testid="past">These are the totals of then: what came since was not compared. Check again.</p>
      )}
      {query.data && (
        <Scroll label="Dashboard, ledger and Fanvue by creator">
          <table className="w-full" data-testid="reconciliation">
            <Head />
            <tbody>
              {shown.map((one) => (
                <Reconciled key={one.modelId} data={data} known={one} since={query.data.asked.at} isPast={isPast} />
              ))}
            </tbody>
            {all.length > 1 && <Sum diagnosis={query.data} currency={data.currency} />}
          </table>
        </Scroll>
      )}
      {shown.length < all.length && (
        <button type="button" className="control mt-4 self-start" onClick={() => setWhole(true)}>Show all {count(all.length)}</button>
      )}
      <p className="sr-only" role="status">{query.data && !query.isFetching && !isPast && `Checked. ${verdict(query.data)}`}</p>
    </Card>
  );
}

/** What a table of so many creators will be high, in pixels, if nothing is amiss: what is below it stays where it is then. */
function heightOf(creators: number): number {
  const rows = Math.min(creators, ROWS_MAX) + (creators > 1 ? 1 : 0);
  return HEAD_HEIGHT + rows * ROW_HEIGHT;
}

/** `1 mismatch, 2 cannot be checked`, or that all agree. */
export function verdict({ creators }: Diagnosis): string {
  const of = (result: Result) => creators.filter((one) => one.result === result).length;
  const parts = [
    of('mismatch') > 0 && plural(of('mismatch'), 'mismatch', 'mismatches'),
    of('cannotCheck') > 0 && `${count(of('cannotCheck'))} cannot be checked`,
    of('partly') > 0 && `${count(of('partly'))} compared in part`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(', ') : 'The totals agree';
}

function Head() {
  const right = 'pb-2 pl-4 text-right font-medium';
  return (
    <thead className="text-left text-meta text-mute">
      <tr className="border-b border-line">
        <th scope="col" className="pb-2 font-medium">Creator</th>
        <th scope="col" className={right}>Dashboard</th>
        <th scope="col" className={right}>Ledger</th>
        <th scope="col" className={right}>Fanvue</th>
        <th scope="col" className={right}>Difference</th>
        <th scope="col" className="pb-2 pl-6 font-medium">Result</th>
      </tr>
    </thead>
  );
}

function Amount({ sum, currency, isBold = false }: {
  sum: { cents: number; rows: number | null } | null; currency: string; isBold?: boolean;
}) {
  return (
    <td className={`num py-3 pl-4 text-right align-top whitespace-nowrap ${isBold ? 'font-semibold' : ''}`}>
      {sum === null ? '—' : money(sum.cents, currency)}
      {sum !== null && sum.rows !== null && <span className="block text-meta font-normal text-mute">{plural(sum.rows, 'row')}</span>}
    </td>
  );
}

function Reconciled({ data, known, since, isPast }: { data: Dashboard; known: Diagnosed; since: string; isPast: boolean }) {
  const { agency, currency, timezone } = data;
  const [closer, setCloser] = useState<{ asked: Deeper; since: string } | null>(null);
  // Of the comparison that is shown: one that was made before it says less than this.
  const deeper = closer?.since === since ? closer.asked : null;
  const query = useCloser(deeper && { agencyId: agency.id, modelId: known.modelId, ...deeper }, since);
  const one = query.data?.creators[0] ?? known;
  const days = query.data?.days;
  const isOff = one.result === 'mismatch';
  const whys = (
    <ul className="mt-2 space-y-2 empty:hidden">
      {grouped(one.differences).map((group) => (
        <Why
          key={`${group.cause} ${group.parts[0]?.remedy.kind}`} group={group} agencyId={agency.id} creator={one}
          currency={currency} timezone={timezone} onDeepen={(asked) => setCloser({ asked, since })}
        />
      ))}
    </ul>
  );
  return (
    <tr className="border-b border-line" data-testid="reconciled" data-result={one.result} aria-busy={query.isFetching}>
      <th scope="row" className="py-3 text-left align-top font-medium whitespace-nowrap">
        {one.name}
        {days && <span className="block text-meta font-normal text-mute">{span(days.startDate, days.endDate, timezone)}</span>}
      </th>
      <Amount sum={one.shown} currency={currency} />
      <Amount sum={one.ledger} currency={currency} />
      <Amount sum={one.fanvue} currency={currency} />
      <td className={`num py-3 pl-4 text-right align-top whitespace-nowrap ${isOff ? `font-semibold ${isPast ? '' : 'text-warn'}` : ''}`}>
        {one.fanvue === null && one.differenceCents === 0 ? '—' : money(one.differenceCents, currency)}
      </td>
      <td className="min-w-72 py-3 pl-6 align-top">
        <Word result={one.result} isPast={isPast} />
        <p className="text-meta text-mute">{message(one, currency)}</p>
        {query.error && (
          <p role="alert" className="text-meta text-neg">
            {cause(query.error)} <button type="button" className="underline" onClick={() => void query.refetch()}>Try again</button>
          </p>
        )}
        {query.isLoading && <p role="status" className="text-meta text-mute">Asking Fanvue for the rows</p>}
        {one.result === 'explained' ? (
          <details className="text-meta">
            <summary className="inline-flex min-h-6 items-center underline">What it is made of</summary>
            {whys}
          </details>
        ) : whys}
      </td>
    </tr>
  );
}

const LOOKS: Record<Result, ['check' | 'warning', string]> = {
  match: ['check', 'text-pos'], explained: ['check', 'text-pos'], mismatch: ['warning', 'text-warn'], cannotCheck: ['warning', 'text-neg'],
  partly: ['warning', 'text-warn'],
};

/** What was so a while ago is no verdict: without its sign and its colour. */
function Word({ result, isPast }: { result: Result; isPast: boolean }) {
  const [icon, tone] = LOOKS[result];
  if (isPast) return <p className="font-medium text-mute">{RESULTS[result]} <span className="font-normal">then</span></p>;
  return <p className={`inline-flex items-center gap-1.5 font-medium ${tone}`}><Icon name={icon} size={14} /> {RESULTS[result]}</p>;
}

function Why({ group, agencyId, creator, currency, timezone, onDeepen }: {
  group: Group; agencyId: string; creator: Diagnosed; currency: string; timezone: string; onDeepen: (asked: Deeper) => void;
}) {
  const [first] = group.parts;
  if (!first) return null;
  const [from, to] = [group.days[0], group.days.at(-1)];
  const when = from && to && (group.days.length === 1 ? day(from, true) : `${plural(group.days.length, 'day')} in ${span(from, to, timezone)}`);
  const rows = group.parts.flatMap((part) => part.rows);
  return (
    <li className="rounded-control bg-raised px-3 py-2" data-testid="cause" data-cause={group.cause}>
      <p className="flex flex-wrap justify-between gap-x-4">
        <span className="font-medium">{CAUSES[group.cause]}</span>
        <span className="num">{group.cents === 0 ? 'amount not known' : money(group.cents, currency)}</span>
      </p>
      <p className="text-meta text-mute">
        {first.meaning}{when && ` ${when}.`}{group.rowCount !== null && ` ${plural(group.rowCount, 'row')}.`} {remedyText(first.remedy)}
        {first.ruledOut.length > 0 && ` Not the cause: ${first.ruledOut.map(clause).join(', ')}.`}
      </p>
      {rows.length > 0 && <RowDifferences rows={rows} currency={currency} timezone={timezone} />}
      <div className="mt-2 empty:hidden"><RemedyButton agencyId={agencyId} creator={creator} remedy={first.remedy} onDeepen={onDeepen} /></div>
    </li>
  );
}

function Sum({ diagnosis, currency }: { diagnosis: Diagnosis; currency: string }) {
  const rows = diagnosis.creators.reduce((sum, one) => sum + (one.ledger.rows ?? 0), 0);
  const cents = diagnosis.creators.reduce((sum, one) => sum + one.ledger.cents, 0);
  const compared = diagnosis.creators.filter((one) => one.fanvue !== null).length;
  return (
    <tfoot>
      <tr>
        <th scope="row" className="py-3 text-left align-top">
          All
          <span className="block text-meta font-normal text-mute">
            {count(compared)} of {count(diagnosis.creators.length)} compared
          </span>
        </th>
        <Amount sum={diagnosis.shown} currency={currency} isBold />
        <Amount sum={{ cents, rows }} currency={currency} isBold />
        <Amount sum={diagnosis.fanvue} currency={currency} isBold />
        <td className="num py-3 pl-4 text-right align-top font-semibold whitespace-nowrap">{money(diagnosis.differenceCents, currency)}</td>
        <td />
      </tr>
    </tfoot>
  );
}
