// What goes on in an agency and its newest jobs. Whoever loads the page again finds here what is running.

import { useQuery } from '@tanstack/react-query';

import { get, PATHS } from '../api';
import { POLL } from './data';

/** Jobs that were seen running here: of these, and of no others, the end is news. */
export const followed = new Set<string>();

/** Those of everybody carry no creators; of one creator, those that read it, each with that creator's part. */
export function useJobs(agencyId: string | undefined, modelId?: string) {
  return useQuery({
    queryKey: modelId === undefined ? ['jobs', agencyId] : ['jobs', agencyId, modelId],
    queryFn: async ({ signal }) => (await get(PATHS.jobs, { agencyId, modelId }, signal)).body.jobs,
    enabled: agencyId !== undefined,
    refetchInterval: POLL,
  });
}
