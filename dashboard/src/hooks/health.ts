// Whether the books agree with Fanvue, and what mends it.

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { get, PATHS, post, send, type AskedOf } from '../api';
import { GOOD_FOR, operatorCall } from '../lib/reconcile';

export type DiagnosisAsked = AskedOf<typeof PATHS.diagnose, 'get'>;

/** How long it may take, in milliseconds: Fanvue is asked page by page, as long as a function may run. */
const LIMIT = 300_000;

/**
 * The comparison of an agency. It is made anew for whoever comes back to the page once it is old, and never by itself
 * otherwise: each one costs requests that reading needs, too, and they are counted.
 */
export function useDiagnosis(agencyId: string) {
  return useQuery({
    queryKey: ['diagnosis', { agencyId }],
    queryFn: async ({ signal }) => (await get(PATHS.diagnose, { agencyId }, signal, LIMIT)).body,
    staleTime: GOOD_FOR,
    gcTime: GOOD_FOR,
    // One that failed is tried again by a person, or as late.
    refetchOnWindowFocus: ({ state }) => GOOD_FOR <= Date.now() - Math.max(state.dataUpdatedAt, state.errorUpdatedAt),
    retry: false,
  });
}

/**
 * A closer look at one creator, of the comparison that was made at `since`: a newer one takes its place, and
 * whoever wants to look closer at that asks anew.
 */
export function useCloser(asked: DiagnosisAsked | null, since: string) {
  return useQuery({
    queryKey: ['closer', asked, since],
    queryFn: async ({ signal }) => (await get(PATHS.diagnose, asked ?? {}, signal, LIMIT)).body,
    enabled: asked !== null,
    staleTime: Infinity,
    gcTime: GOOD_FOR,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

/** The receipts of the nightly proof, the newest first. */
export function useRepairs(agencyId: string) {
  return useInfiniteQuery({
    queryKey: ['repairs', agencyId],
    queryFn: async ({ signal, pageParam }) => (await get(PATHS.repairs, { agencyId, limit: 10, cursor: pageParam }, signal)).body,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

/** Renews an account's token now. */
export function useRefreshToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (connectionId: string) => post(PATHS.refresh, { connectionId }),
    onSettled: () => {
      for (const name of ['status', 'diagnosis', 'connections']) void client.invalidateQueries({ queryKey: [name] });
    },
    networkMode: 'always',
  });
}

/** Makes a call that only the operator may make. */
export function useOperatorCall() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (call: NonNullable<ReturnType<typeof operatorCall>>) => {
      await send(call.url, { method: call.method });
    },
    onSettled: () => {
      for (const name of ['status', 'diagnosis', 'dashboard', 'repairs']) void client.invalidateQueries({ queryKey: [name] });
    },
    networkMode: 'always',
  });
}
