// Whether the books agree with Fanvue, and what mends it.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { get, PATHS, post, send, type AskedOf } from '../api';
import { operatorCall } from '../lib/reconcile';

export type DiagnosisAsked = AskedOf<typeof PATHS.diagnose, 'get'>;

/** How long a comparison is good for, in milliseconds: each one costs requests that reading needs, too. */
const GOOD_FOR = 600_000;

export function useDiagnosis(asked: DiagnosisAsked | null) {
  return useQuery({
    queryKey: ['diagnosis', asked],
    queryFn: async ({ signal }) => (await get(PATHS.diagnose, asked ?? {}, signal)).body,
    enabled: asked !== null,
    staleTime: GOOD_FOR,
    gcTime: GOOD_FOR,
    refetchOnWindowFocus: false,
    retry: false,
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
      for (const name of ['status', 'diagnosis', 'dashboard']) void client.invalidateQueries({ queryKey: [name] });
    },
    networkMode: 'always',
  });
}
