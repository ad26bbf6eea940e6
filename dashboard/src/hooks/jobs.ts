// The newest jobs of an agency. Whoever loads the page again finds here what is running.

import { useQuery } from '@tanstack/react-query';

import { get, PATHS } from '../api';
import { POLL } from './data';

/** Jobs that were seen running here: of these, and of no others, the end is news. */
export const followed = new Set<string>();

export function useJobs(agencyId: string | undefined) {
  return useQuery({
    queryKey: ['jobs', agencyId],
    queryFn: async ({ signal }) => (await get(PATHS.jobs, { agencyId }, signal)).body.jobs,
    enabled: agencyId !== undefined,
    refetchInterval: POLL,
  });
}
