// What the server tells of changes by itself: a reason to ask at once, never data. Without it the page asks once a minute as always.

import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { address, PATHS } from '../api';
import { bearer } from '../session';
import { renew, type Told } from './data';

/** How long a stream that was refused is not asked for again, in milliseconds: as long as one lasts. */
const PAUSE = 270_000;
/** How long a change waits for the next one, in milliseconds, so that both are asked for at once. */
const GATHER = 100;

export function useLive(agencyId: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => (agencyId === undefined ? undefined : follow(client, agencyId)), [client, agencyId]);
}

/**
 * Has figures asked for again that are not of the revision that the server tells; gives what ends that. A stream begins with what is so
 * now: mostly it is shown already, and else it came between the answer and the stream. What is asked for meanwhile is compared, too,
 * when it comes.
 */
export function follow(client: QueryClient, agencyId: string): () => void {
  let source: EventSource | undefined;
  let told: Told | undefined;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const compare = () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      if (told) renew(client, 'dashboard', told);
    }, GATHER);
  };
  const open = () => {
    const isWanted = pause === undefined && !document.hidden && bearer() === null;
    if (!isWanted) {
      source?.close();
      source = undefined;
    } else if (!source) {
      told = undefined;
      source = new EventSource(address(PATHS.live, { agencyId }));
      source.addEventListener('revision', ({ lastEventId }) => {
        told = { agencyId, revision: Number.parseInt(lastEventId, 10) };
        compare();
      });
      // One that broke and is back does not tell again what it told, though the answer to that may never have come.
      source.addEventListener('open', compare);
      source.addEventListener('error', () => {
        // One that broke comes back by itself. One that was refused is asked for again later: the server
        // may have none, or too many.
        if (source?.readyState !== EventSource.CLOSED) return;
        source = undefined;
        pause = setTimeout(() => {
          pause = undefined;
          open();
        }, PAUSE);
      });
    }
  };
  open();
  document.addEventListener('visibilitychange', open);
  return () => {
    document.removeEventListener('visibilitychange', open);
    clearTimeout(soon);
    clearTimeout(pause);
    source?.close();
  };
}
