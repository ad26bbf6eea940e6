// What is kept of a transaction, under its line.

import type { OpenSale, Row } from '../api';
import { facts } from '../lib/evidence';

export function Evidence({ one, zone }: { one: Row | OpenSale; zone: string }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 rounded-control bg-raised px-3 py-2 text-meta" data-testid="evidence">
      {facts(one, zone).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-mute">{name}</dt>
          <dd className="num break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
