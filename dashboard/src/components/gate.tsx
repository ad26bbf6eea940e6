// What stands in place of a view that has nothing to show yet: loading, refused, failed, or nobody
// connected.

import { useState, type FormEvent, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';

import { Refusal, type Dashboard } from '../api';
import { useConnect, useConnections, type DashboardQuery } from '../hooks/data';
import { useFilters } from '../hooks/page';
import { bearer, hadSession, keepSecret } from '../session';
import { Blank, cause, reference } from './parts';

export function Gate({ query, children }: { query: DashboardQuery; children: (data: Dashboard) => ReactNode }) {
  const { data, error } = query;
  if (error instanceof Refusal && error.status === 401) return <SignIn />;
  // What somebody may no longer see does not stay on the screen.
  if (error instanceof Refusal && error.status === 403) return <Failed error={error} onRetry={() => void query.refetch()} />;
  if (data && data.models.length === 0) return <ConnectFirst agencyId={data.agency.id} />;
  if (data) return children(data);
  if (error instanceof Refusal && error.status === 400 && error.field === 'agencyId') return <WhichAgency />;
  if (error instanceof Refusal && error.status === 404) return <NotThere error={error} />;
  if (error) return <Failed error={error} onRetry={() => void query.refetch()} />;
  return <Skeletons />;
}

function Failed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div role="alert">
      <Blank
        icon="warning" title="Revenue could not be loaded" reference={reference(error)}
        action={<button type="button" className="primary" onClick={onRetry}>Try again</button>}
      >
        {cause(error)}
      </Blank>
    </div>
  );
}

function NotThere({ error }: { error: Refusal }) {
  return (
    <Blank icon="warning" title="There is nothing at this address" action={<a className="primary inline-grid place-items-center" href="/">Go to the overview</a>}>
      {cause(error)}
    </Blank>
  );
}

const FIELD = 'mt-1 block w-full rounded-control border border-edge bg-surface px-3 py-2 text-ink';

/** No session, or one that ended. */
export function SignIn() {
  const client = useQueryClient();
  const [secret, setSecret] = useState('');
  const wasRefused = bearer() !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepSecret(secret);
    void client.resetQueries();
  };
  return (
    <Blank icon="link" title={hadSession() ? 'Please sign in again' : 'Please sign in'}>
      {hadSession() && <p>Your filters are kept.</p>}
      <form onSubmit={submit} className="mx-auto mt-5 max-w-xs text-left">
        {/* For password managers: this is the operator's one account. */}
        <input type="text" name="username" value="operator" autoComplete="username" readOnly hidden />
        <label className="text-meta text-mute">
          Operator secret
          <input
            type="password" required autoComplete="current-password" className={FIELD} value={secret}
            aria-invalid={wasRefused} aria-describedby="secret-note"
            onChange={(event) => setSecret(event.target.value)}
          />
        </label>
        <p id="secret-note" role={wasRefused ? 'alert' : undefined} className={`mt-2 text-meta ${wasRefused ? 'text-neg' : 'text-mute'}`}>
          {wasRefused ? 'The server refused this secret.' : 'Kept by this tab until it is closed or reloaded, and nowhere else.'}
        </p>
        <button type="submit" className="primary mt-3 w-full">Sign in</button>
      </form>
    </Blank>
  );
}

/** There is no agency yet, or there are several. */
function WhichAgency() {
  const connections = useConnections(undefined);
  const [, change] = useFilters();
  if (connections.isPending) return <Skeletons />;
  if (connections.error) return <Failed error={connections.error} onRetry={() => void connections.refetch()} />;
  const agencies = new Map(connections.data.map((one) => [one.agencyId, one.agencyName]));
  if (agencies.size === 0) return <ConnectFirst />;
  return (
    <Blank title="Which agency?" action={
      <ul className="flex flex-wrap justify-center gap-2">
        {[...agencies].map(([agency, name]) => (
          <li key={agency}>
            <button type="button" className="control" onClick={() => change({ agency })}>{name}</button>
          </li>
        ))}
      </ul>
    }>There are several here. The choice stands in the address.</Blank>
  );
}

function ConnectFirst({ agencyId }: { agencyId?: string }) {
  const connect = useConnect();
  const [name, setName] = useState('');
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    connect.mutate(agencyId ? { agencyId } : { agencyName: name.trim(), timezone });
  };
  return (
    <Blank icon="link" title="Connect your first creator">
      <p>Revenue appears here a minute or two after you connect a Fanvue account.</p>
      <form onSubmit={submit} className="mx-auto mt-5 max-w-xs space-y-3 text-left">
        {!agencyId && (
          <>
            <label className="block text-meta text-mute">
              Agency
              <input className={FIELD} required maxLength={100} value={name} autoComplete="organization"
                onChange={(event) => setName(event.target.value)} />
            </label>
            <label className="block text-meta text-mute">
              Time zone, in which its days begin
              <input className={FIELD} required list="zones" value={timezone}
                onChange={(event) => setTimezone(event.target.value)} />
              <datalist id="zones">
                {Intl.supportedValuesOf('timeZone').map((zone) => <option key={zone} value={zone} />)}
              </datalist>
            </label>
          </>
        )}
        <button type="submit" className="primary w-full" disabled={connect.isPending}>Connect Fanvue</button>
        {connect.error && <p role="alert" className="text-meta text-neg">{cause(connect.error)}</p>}
      </form>
    </Blank>
  );
}

/** As large as what comes, so that nothing moves when it does. */
export function Skeletons() {
  return (
    <div role="status" aria-label="Loading revenue" className="space-y-4" data-testid="skeletons">
      <div className="card h-[317px] p-4 sm:h-[232px] sm:p-5 lg:h-[142px]">
        <div className="skeleton h-4 w-40" /><div className="skeleton mt-3 h-10 w-64 max-w-full" />
        <div className="skeleton mt-3 h-4 w-48" />
      </div>
      <RestSkeletons />
    </div>
  );
}

/** What is below the money. */
export function RestSkeletons() {
  return (
    <>
      <div className="grid gap-4 lg:grid-cols-[2fr_1fr]">
        <div className="card h-[440px] p-5"><div className="skeleton h-4 w-40" /><div className="skeleton mt-16 h-72" /></div>
        <div className="card h-[440px] space-y-7 p-5">
          {[1, 2, 3, 4, 5, 6].map((one) => <div key={one} className="skeleton h-8" />)}
        </div>
      </div>
      <div className="card h-[480px] p-5"><div className="skeleton h-full" /></div>
    </>
  );
}
