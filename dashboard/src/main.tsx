import './styles.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app';
import { knowFirst, newQueryClient } from './hooks/data';

const root = document.getElementById('root');
const client = newQueryClient();
await knowFirst(client, location.search);
if (root) {
  // As something that may be interrupted, so that a slow phone can be used meanwhile.
  startTransition(() => createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  ));
}
