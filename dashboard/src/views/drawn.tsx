// For tests: what a part of the page says, as text. Nothing of the page imports this.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { Router } from 'wouter';

export type Known = [unknown[], unknown][];

/** What is drawn from `known` answers, as HTML. Nobody is asked for others. */
export function drawn(part: ReactNode, known: Known = []): string {
  const client = new QueryClient();
  for (const [key, answer] of known) client.setQueryData(key, answer);
  return renderToString(
    <Router ssrPath="/sync" ssrSearch=""><QueryClientProvider client={client}>{part}</QueryClientProvider></Router>,
  );
}

/** The text of it. */
export function text(part: ReactNode, known: Known = []): string {
  const words = drawn(part, known).replace(/<!--.*?-->/g, '').replace(/<[^>]*>/g, ' ').replace(/&#x27;/g, '’').replace(/\s+/g, ' ');
  return words.replace(/ ([.,;])/g, '$1').trim();
}
