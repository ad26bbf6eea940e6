// What nobody reads until a person mends its cause, and how the reading of audiences stands.

import type { Status } from '../../api';
import { moment } from '../../lib/dates';
import { count, plural } from '../../lib/money';
import { Card, Scroll } from '../parts';
import { SyncButton } from '../sync-button';

const KINDS: Record<string, string> = {
  subscribers: 'Subscribers', followers: 'Followers', unread: 'Unread messages', profile: 'Posts and likes',
  changes: 'New and ended subscriptions', top_spenders: 'Top spenders', tracking_links: 'Tracking links',
};

function kindName(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** Troubles of audiences that are listed at first. */
const TROUBLES_MAX = 20;

export function SetAside({ status, zone }: { status: Status; zone: string }) {
  const troubles = status.audienceTroubles.slice(0, TROUBLES_MAX);
  if (status.parked.length + troubles.length === 0) return null;
  const line = 'flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line py-3 first:pt-0 last:border-0 last:pb-0';
  return (
    <Card title="Set aside and failing" note="Mend what is named; then it is read again">
      <ul>
        {status.parked.map((one) => (
          <li key={one.modelId} className={line} data-testid="parked">
            <p className="min-w-40 font-medium">{one.name}<span className="block text-meta font-normal text-mute">Earnings</span></p>
            <p className="min-w-0 flex-1 basis-64">
              {sentence(one.reason)} <span className="text-meta text-mute">Set aside {moment(one.since, zone)}; the figures stay as they were.</span>
            </p>
            <SyncButton agencyId={status.agencyId} modelId={one.modelId} name={one.name} isSmall />
          </li>
        ))}
        {troubles.map((one) => (
          <li key={`${one.modelId} ${one.kind}`} className={line} data-testid="parked">
            <p className="min-w-40 font-medium">{one.name}<span className="block text-meta font-normal text-mute">{kindName(one.kind)}</span></p>
            <p className="min-w-0 flex-1 basis-64">
              {sentence(one.lastError ?? 'Fanvue refused')}{' '}
              <span className="text-meta text-mute">
                {one.parkedAt && `Set aside ${moment(one.parkedAt, zone)}; taken up again when the account is connected again.`}
                {one.nextAt && `Tried again ${moment(one.nextAt, zone)}.`}
                {one.asOf && ` What is shown is of ${moment(one.asOf, zone)}.`}
              </span>
            </p>
          </li>
        ))}
      </ul>
      {troubles.length < status.audienceTroubles.length && (
        <p className="mt-3 text-meta text-mute">And {plural(status.audienceTroubles.length - troubles.length, 'other reading')} of audiences.</p>
      )}
    </Card>
  );
}

export function Audiences({ status, zone }: { status: Status; zone: string }) {
  if (status.audience.length === 0) return null;
  const cell = 'num py-2 pl-4 text-right';
  return (
    <Card title="Audiences" note="What is read besides money, and from how many creators">
      <Scroll label="Audiences, by what is read">
        <table className="w-full" data-testid="audience-streams">
          <thead className="text-left text-meta text-mute">
            <tr className="border-b border-line">
              <th scope="col" className="pb-2 font-medium">What</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Creators</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Not read yet</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Tried again</th>
              <th scope="col" className="pb-2 pl-4 text-right font-medium">Set aside</th>
              <th scope="col" className="pb-2 pl-4 font-medium">Oldest as of</th>
            </tr>
          </thead>
          <tbody>
            {status.audience.map((one) => (
              <tr key={one.kind} className="border-b border-line last:border-0">
                <th scope="row" className="py-2 text-left font-medium whitespace-nowrap">{kindName(one.kind)}</th>
                <td className={cell}>{count(one.streams)}</td>
                <td className={cell}>{count(one.unread)}</td>
                <td className={cell}>{count(one.retrying)}</td>
                <td className={cell}>{count(one.parked)}</td>
                <td className="num py-2 pl-4 whitespace-nowrap">{one.oldestAsOf === null ? '—' : moment(one.oldestAsOf, zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return first.endsWith('.') ? first : `${first}.`;
}
