// Syncs that a person asks for: what one would read, its beginning, and how it goes on.

import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { get, PATHS, post, Refusal, type Job, type Plan } from '../api';
import { isOpen } from '../lib/jobs';
import { POLL, renew } from './data';
import { followed } from './jobs';

/** How often a job that goes on is asked for, in milliseconds. */
const WATCH = 2_000;

export type Whose = { agencyId: string; modelId?: string | undefined };

/** What a sync would read. Nothing is written. */
export function usePlan({ agencyId, modelId }: Whose, isWanted: boolean) {
  return useQuery({
    queryKey: ['plan', agencyId, modelId],
    queryFn: async ({ signal }): Promise<Plan | null> => {
      const told = await post(PATHS.forceSync, { agencyId, modelId, dryRun: true }, signal);
      return 'dryRun' in told ? told : null;
    },
    enabled: isWanted,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** Begins a sync, or joins the one that reads the same. */
export function useForceSync({ agencyId, modelId }: Whose) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const told = await post(PATHS.forceSync, { agencyId, modelId });
      if (!('job' in told)) throw new Error('a plan in place of a job');
      return told;
    },
    onSuccess: ({ job }) => {
      client.setQueryData(['job', job.id], job);
      followed.add(job.id);
      void client.invalidateQueries({ queryKey: ['jobs'] });
    },
    networkMode: 'always',
  });
}

/** A job, watched until it is over. What it brings is shown as it comes. */
export function useJob(id: string | undefined, known?: Job) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['job', id],
    queryFn: async ({ signal }) => (await get(PATHS.job, { id: id ?? '' }, signal)).body,
    enabled: id !== undefined,
    ...(known ? { placeholderData: known } : {}),
    refetchInterval: ({ state: { data, error } }) => (isRefused(error) || (data && !isOpen(data)) ? false : WATCH),
  });
  const job = query.data;
  const news = useRef(job?.newRows);
  useEffect(() => {
    if (!job) return;
    if (isOpen(job)) {
      followed.add(job.id);
      if (news.current !== undefined && news.current !== job.newRows) renew(client, 'dashboard');
      news.current = job.newRows;
    } else if (!query.isPlaceholderData && !settled.has(job.id)) {
      settled.add(job.id);
      settle(client);
    }
  }, [client, job, query.isPlaceholderData]);
  return query;
}

/** Jobs whose end was taken note of. */
const settled = new Set<string>();

/** Whether asking again would be refused again: somebody else's job, or none. */
function isRefused(error: Error | null): boolean {
  return error instanceof Refusal && error.status >= 400 && error.status < 500;
}

/** All that a sync may have changed. */
function settle(client: QueryClient): void {
  for (const name of ['dashboard', 'transactions'] as const) renew(client, name);
  for (const name of ['jobs', 'status', 'diagnosis']) void client.invalidateQueries({ queryKey: [name] });
}

/** How reading stands. Fanvue is not asked. */
export function useStatus(agencyId: string, isWanted = true) {
  return useQuery({
    queryKey: ['status', agencyId],
    queryFn: async ({ signal }) => (await get(PATHS.status, { agencyId }, signal)).body,
    enabled: isWanted,
    refetchInterval: POLL,
  });
}
