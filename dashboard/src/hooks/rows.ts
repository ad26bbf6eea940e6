// The rows behind the figures: as a list, page by page, and as a file.

import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { address, get, PATHS, send, type AskedOf, type Transactions } from '../api';
import { params, type Asked, type Filters } from '../lib/filters';
import { renew } from './data';

type Listed = AskedOf<typeof PATHS.transactions, 'get'>;

export function useTransactions(filters: Filters, modelId: string, revision: number | undefined) {
  const asked = params(filters, modelId);
  const client = useQueryClient();
  useEffect(() => {
    renew(client, 'transactions');
  }, [client, revision]);
  return useInfiniteQuery({
    queryKey: ['transactions', asked],
    queryFn: ({ signal, pageParam }) => transactions({ ...asked, limit: 25, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The last sale before a range without any. */
export function useLastSale(asked: Listed | null) {
  return useQuery({
    queryKey: ['last-sale', asked],
    queryFn: async ({ signal }) => {
      const page = await transactions({ ...asked, limit: 1 }, signal);
      return page.transactions[0]?.day ?? null;
    },
    enabled: asked !== null,
  });
}

async function transactions(asked: Listed, signal: AbortSignal): Promise<Transactions> {
  return (await get(PATHS.transactions, asked, signal)).body;
}

/** The file of what is shown, for whoever signed in with a secret, which a link could not carry. */
export function useDownload() {
  return useMutation({
    mutationFn: async (asked: Asked) => {
      const { response } = await send(address(PATHS.export, asked));
      const named = response.headers.get('content-disposition')?.match(/filename="([^"]+)"/);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = named?.[1] ?? 'transactions.csv';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    networkMode: 'always',
  });
}
