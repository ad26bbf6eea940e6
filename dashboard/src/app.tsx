// Which view stands at which address.

import { Route, Switch } from 'wouter';

import { Blank } from './components/parts';
import { Shell } from './components/shell';
import { CreatorView } from './views/creator';
import { Overview } from './views/overview';
import { SyncHealth } from './views/sync-health';

export function App() {
  return (
    <Shell>
      <Switch>
        <Route path="/"><Overview /></Route>
        <Route path="/creators/:id">{({ id }) => <CreatorView key={id} modelId={id} />}</Route>
        <Route path="/sync"><SyncHealth /></Route>
        <Route>
          <h1 className="sr-only">Heartbeat</h1>
          <Blank icon="warning" title="There is nothing at this address" action={<a className="underline" href="/">Go to the overview</a>} />
        </Route>
      </Switch>
    </Shell>
  );
}
