// Which view stands at which address.

import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';

import { Skeletons } from './components/gate';
import { Blank } from './components/parts';
import { Shell } from './components/shell';
import { Overview } from './views/overview';

// Not part of a first visit.
const CreatorView = lazy(() => import('./views/creator'));
const SyncHealth = lazy(() => import('./views/sync-health'));

export function App() {
  return (
    <Shell>
      <Suspense fallback={<Skeletons />}>
      <Switch>
        <Route path="/"><Overview /></Route>
        <Route path="/creators/:id">{({ id }) => <CreatorView key={id} modelId={id} />}</Route>
        <Route path="/sync"><SyncHealth /></Route>
        <Route>
          <h1 className="sr-only">Heartbeat</h1>
          <Blank icon="warning" title="There is nothing at this address" action={<a className="underline" href="/">Go to the overview</a>} />
        </Route>
      </Switch>
      </Suspense>
    </Shell>
  );
}
