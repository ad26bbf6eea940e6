// The Fanvue accounts through which creators are read: how each stands, what it may not do, and the way back.

import type { Connection, Status } from '../../api';
import { instant, moment } from '../../lib/dates';
import { count, plural } from '../../lib/money';
import { Reconnect } from '../banners';
import { Icon } from '../icons';
import { Age } from '../indicator';
import { Card } from '../parts';

export function Accounts({ status, zone }: { status: Status; zone: string }) {
  return (
    <Card title="Connections" note="Fanvue accounts through which creators are read">
      {status.connections.length === 0 && <p className="text-mute">No account is connected.</p>}
      <ul>
        {status.connections.map((one) => (
          <Account key={one.id} one={one} zone={zone} budgets={status.budgets.filter((each) => each.connectionId === one.id)} />
        ))}
      </ul>
    </Card>
  );
}

const STATES: Record<Connection['state'], [string, string]> = {
  active: ['Connected', 'text-pos'],
  overdue: ['Token ended, being renewed', 'text-warn'],
  revoked: ['Ended by Fanvue', 'text-neg'],
  disconnected: ['Disconnected by a person', 'text-mute'],
};

type Budget = Status['budgets'][number];

/** One of them, as an item of a list. */
export function Account({ one, zone, budgets }: { one: Connection; zone: string; budgets: Budget[] }) {
  const [word, tone] = STATES[one.state];
  const isBroken = one.state === 'revoked';
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line py-3 first:pt-0 last:border-0 last:pb-0" data-testid="connection">
      <div className="min-w-40">
        <p className="font-medium">{one.accountHandle ? `@${one.accountHandle}` : one.agencyName}</p>
        <p className="text-meta text-mute">{one.kind === 'agency' ? 'Agency account' : 'Own account'}, {plural(one.creators, 'creator')}</p>
      </div>
      <div className="min-w-0 flex-1 basis-64">
        <p className={`inline-flex items-center gap-1.5 font-medium ${tone}`}>
          <Icon name={one.state === 'active' ? 'check' : 'warning'} size={14} /> {word}
        </p>
        <p className="text-meta text-mute">
          {one.asOf && <>Complete up to {moment(one.asOf, zone)} (<Age at={one.asOf} />). </>}
          {one.refreshDueAt && <>Token renews itself, next {moment(one.refreshDueAt, zone)}. </>}
          {one.remedy && <>{one.remedy.text.charAt(0).toUpperCase() + one.remedy.text.slice(1)}. </>}
          {one.missingScopes.length > 0 && <>Missing: {one.missingScopes.map((each) => each.scope).join(', ')}.</>}
        </p>
        {one.scopes.length > 0 && <p className="text-meta text-mute">May: {one.scopes.join(', ')}.</p>}
        <Budgets budgets={budgets} zone={zone} />
      </div>
      <Reconnect connectionId={one.id} isPrimary={isBroken} />
    </li>
  );
}

/** The scarcest of an account's request budgets, and whether Fanvue said to wait. */
function Budgets({ budgets, zone }: { budgets: Budget[]; zone: string }) {
  const [scarcest] = [...budgets].sort((a, b) => a.remaining / a.limit - b.remaining / b.limit);
  if (!scarcest) return null;
  const paused = budgets.map((one) => one.pausedUntil).filter((at) => at !== null).sort().at(-1);
  return (
    <p className="num text-meta text-mute">
      {count(scarcest.remaining)} of {count(scarcest.limit)} requests left until {instant(scarcest.resetsAt, zone)}.
      {paused && <span className="text-warn"> Fanvue asked us to wait until {instant(paused, zone)}.</span>}
    </p>
  );
}
