// What the views ask for, and when they ask again.

import {
  keepPreviousData, QueryClient, queryOptions, useMutation, useQuery, type Query, type UseQueryResult,
} from '@tanstack/react-query';

import { get, PATHS, Refusal, TOO_LATE, type AskedOf, type Dashboard } from '../api';
import { learn, serverNow } from '../lib/clock';
import { params, parse, type Filters } from '../lib/filters';
import { unbegun } from '../lib/freshness';

/** Give or take some seconds, so that the tabs of an agency do not all ask at once. */
export const POLL = 60_000 + Math.round((Math.random() - 0.5) * 10_000);
/** While a history is read, its progress is worth watching. */
const POLL_READING = 5_000;
/** So long after the page was opened a first read is looked for as often, in milliseconds: it begins by itself, or not at all. */
const BEGINS_IN = 600_000;
const OPENED = Date.now();

export function newQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: true,
        networkMode: 'always',
        // What the server refused it refuses again; what it failed at may work. Whoever waited in vain is told so first.
        retry: (failures, error) => {
          const isFinal = error instanceof Refusal && (error.code === TOO_LATE || (error.status >= 400 && error.status < 500));
          return !isFinal && failures < 2;
        },
        retryDelay: (attempt) => 1_000 * 2 ** attempt,
      },
    },
  });
  client.getQueryCache().subscribe(({ query }) => {
    const told = wished.get(query);
    if (told === undefined || query.state.fetchStatus !== 'idle') return;
    wished.delete(query);
    if (isOther(query, told)) void client.invalidateQueries({ queryKey: query.queryKey, exact: true }, { cancelRefetch: false });
  });
  return client;
}

/** What an agency's revision is now, as its stream tells; NaN where that can't be read. */
export type Told = { agencyId: string; revision: number };

/** What changed while it was asked for, and what was told of that; `null` where nothing was. */
const wished = new WeakMap<Query, Told | null>();

/** Whether an answer is not of what was told: what was told of another agency says nothing of it. */
function isOther({ state }: Query, told: Told | null): boolean {
  const known = state.data as Dashboard | undefined;
  if (told === null || known === undefined) return true;
  return known.agency.id === told.agencyId && known.revision !== told.revision;
}

/**
 * Asks for `name` again; where a revision was told, for what is of another one only. What is being asked for is let come, and asked
 * for once more then: where changes come faster than answers, whoever gave each up for the next would never have one.
 */
export function renew(client: QueryClient, name: 'dashboard' | 'transactions'): void;
export function renew(client: QueryClient, name: 'dashboard', told: Told): void;
export function renew(client: QueryClient, name: string, told: Told | null = null): void {
  const others = { queryKey: [name], predicate: (query: Query) => isOther(query, told) };
  for (const query of client.getQueryCache().findAll({ ...others, type: 'active' })) {
    if (query.state.fetchStatus !== 'idle' && wished.get(query) !== null) wished.set(query, told);
  }
  void client.invalidateQueries(others, { cancelRefetch: false });
}

/** Whether a history is being read. */
export function isReading(data: Dashboard | undefined): boolean {
  return data?.models.some((one) => one.asOf === null && one.state === 'syncing') ?? false;
}

/** How long until the dashboard is asked for again, in milliseconds, `open` after the page was. */
export function pause(data: Dashboard | undefined, open: number): number {
  const isAwaited = open < BEGINS_IN && data?.models.some((one) => unbegun(one) === 'next');
  return isReading(data) || isAwaited ? POLL_READING : POLL;
}

export type DashboardQuery = UseQueryResult<Dashboard, Error>;

function dashboard(filters: Filters, modelId?: string) {
  const asked = params(filters, modelId);
  return queryOptions({
    queryKey: ['dashboard', asked],
    queryFn: async ({ signal }): Promise<Dashboard> => {
      const answer = await get(PATHS.dashboard, asked, signal);
      learn(answer, Date.parse(answer.body.freshness.generatedAt));
      return { ...answer.body, toldAt: serverNow() };
    },
  });
}

/** How long the program waits for the rest of an answer that has begun to come, in milliseconds. */
const REST_IN = 100;

/**
 * Knows the answer to the question that was asked before the program was here, where it is a good one and is here already: then
 * no skeleton has to be drawn first. Whatever else it is, is found out by the view that asks.
 */
export async function knowFirst(client: QueryClient, search: string): Promise<void> {
  const first = globalThis.firstQuestion;
  if (!first) return;
  const later = (pause: number) => new Promise<undefined>((then) => setTimeout(then, pause));
  const response = await Promise.race([first.answer.catch(() => undefined), later(0)]);
  if (!response?.ok) return;
  const modelId = new URLSearchParams(first.url.split('?')[1]).get('modelId') ?? undefined;
  await Promise.race([client.prefetchQuery(dashboard(parse(search), modelId)), later(REST_IN)]);
}

/** `isWanted` is false for whoever only looks at what others ask for. */
export function useDashboard(filters: Filters, modelId?: string, isWanted = true): DashboardQuery {
  return useQuery({
    ...dashboard(filters, modelId),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => pause(query.state.data, Date.now() - OPENED),
    refetchIntervalInBackground: false,
  });
}

export function useConnections(agencyId: string | undefined, isWanted = true) {
  return useQuery({
    queryKey: ['connections', agencyId],
    queryFn: async ({ signal }) => {
      const answer = await get(PATHS.connections, { agencyId }, signal);
      return answer.body.connections;
    },
    enabled: isWanted,
    refetchInterval: POLL,
  });
}

/** Asks for a link that connects an account, and follows it. */
export function useConnect() {
  return useMutation({
    mutationFn: async (asked: AskedOf<typeof PATHS.login, 'get'>) => {
      const answer = await get(PATHS.login, asked);
      location.assign(answer.body.loginUrl);
    },
    networkMode: 'always',
  });
}
