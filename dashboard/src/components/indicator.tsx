// How fresh something is: a shape, a word and an age, never colour alone.

import type { Creator, State } from '../api';
import { useNow } from '../hooks/time';
import { ago } from '../lib/dates';
import { standing, summary, type Standing } from '../lib/freshness';
import { Icon } from './icons';

const WORDS: Record<State, string | null> = {
  live: 'Live',
  syncing: 'Syncing',
  stale: null,
  never: 'Never synced',
  disconnected: 'Disconnected',
};

const TONES: Record<State, string> = {
  live: 'text-pos',
  syncing: 'text-ink',
  stale: 'text-mute',
  never: 'text-mute',
  disconnected: 'text-neg',
};

function Mark({ state }: { state: State }) {
  if (state === 'disconnected') return <Icon name="warning" size={14} />;
  if (state === 'syncing') return <i className="spinning size-3" aria-hidden="true" />;
  const look = state === 'live' ? 'bg-pos pulsing' : 'bg-edge';
  return <i className={`size-2 rounded-full ${look}`} aria-hidden="true" />;
}

function Shown({ state, ageSeconds }: Standing) {
  const word = WORDS[state];
  const age = ageSeconds === null ? null : ago(ageSeconds);
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap text-meta ${TONES[state]}`}>
      <Mark state={state} />
      {word && <span className="font-medium">{word}</span>}{' '}
      {state === 'stale' && <span className="sr-only">Not live, last confirmed</span>}
      {age && state !== 'never' && (
        <span className="num text-mute">{word ? `· ${age}` : age}</span>
      )}
      {state === 'stale' && age === null && <span className="text-mute">Incomplete</span>}
    </span>
  );
}

type OfCreator = { creator: Creator; toldAt: number };

export function CreatorIndicator({ creator, toldAt }: OfCreator) {
  const now = useNow();
  const shown = standing(creator, toldAt, now);
  return (
    <span data-testid="indicator" data-state={shown.state}>
      <Shown {...shown} />
    </span>
  );
}

type OfAll = { creators: Creator[]; toldAt: number; isRefreshing: boolean };

/** The agency's, or the creator's where there is one only. */
export function SummaryIndicator({ creators, toldAt, isRefreshing }: OfAll) {
  const now = useNow();
  const all = summary(creators, toldAt, now);
  // That nobody confirms the figures any more is news which a request on its way must not hide, however long it takes.
  const isShown = isRefreshing && (all.state === 'live' || all.state === 'syncing');
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2" data-testid="summary" data-state={all.state}>
      {/* Both stand in the same place, so that nothing moves when one gives way to the other. */}
      <span className="inline-grid">
        <span className={`col-start-1 row-start-1 ${isShown ? 'invisible' : ''}`}>
          <Shown {...all} />
        </span>
        <span
          className={`col-start-1 row-start-1 inline-flex items-center gap-1.5 text-meta text-mute
            ${isShown ? '' : 'invisible'}`}
        >
          <i className="spinning size-3" aria-hidden="true" /> Refreshing
        </span>
      </span>
      {all.total > 1 && (
        <span className="num text-meta text-mute" data-testid="live-count">{all.live} of {all.total} live</span>
      )}
    </span>
  );
}

/** An instant as an age that grows by itself. */
export function Age({ at }: { at: string }) {
  const now = useNow();
  return <>{ago(Math.max(0, Math.floor((now - Date.parse(at)) / 1000)))}</>;
}
