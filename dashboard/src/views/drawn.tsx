// For tests: what a part of the page says, as text. Nothing of the page imports this.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { Router } from 'wouter';

export type Known = [unknown[], unknown][];

/** What is drawn from `known` answers, as HTML, and of questions that `failed`. Nobody is asked for others. */
export function drawn(part: ReactNode, known: Known = [], failed: [unknown[], Error][] = []): string {
  const client = new QueryClient({ defaultOptions: { queries: { retryOnMount: false } } });
  for (const [key, answer] of known) client.setQueryData(key, answer);
  for (const [queryKey, error] of failed) {
    const query = client.getQueryCache().build(client, { queryKey });
    query.setState({ ...query.state, status: 'error', error, errorUpdateCount: 1, errorUpdatedAt: Date.now() });
  }
  return renderToString(
    <Router ssrPath="/sync" ssrSearch=""><QueryClientProvider client={client}>{part}</QueryClientProvider></Router>,
  );
}

/** The text of it. */
export function text(part: ReactNode, known: Known = [], failed: [unknown[], Error][] = []): string {
  const words = drawn(part, known, failed).replace(/<!--.*?-->/g, '').replace(/<[^>]*>/g, ' ').replace(/&#x27;/g, '’').replace(/\s+/g, ' ');
  return words.replace(/ ([.,;])/g, '$1').trim();
}
