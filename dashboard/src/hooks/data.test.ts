import { QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';

import { newQueryClient, renew } from './data';

type Asked = { signal: AbortSignal; answer: (value: number) => void; fail: (error: Error) => void };

/** An open page whose questions are answered when the test says so. */
function page() {
  const client = newQueryClient();
  const asked: Asked[] = [];
  const observer = new QueryObserver(client, {
    queryKey: ['dashboard', { timeRange: '30d' }], retry: false, staleTime: Infinity,
    queryFn: ({ signal }) => new Promise<number>((answer, fail) => asked.push({ signal, answer, fail })),
  });
  const leave = observer.subscribe(() => {});
  return { client, asked, observer, leave };
}

test('changes that come faster than answers let each answer come, and are asked for once after it', async () => {
  const { client, asked, observer, leave } = page();
  asked[0]?.answer(1);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe(1));
  for (let change = 0; change < 5; change += 1) renew(client, 'dashboard');
  expect(asked).toHaveLength(2);
  expect(asked[1]?.signal.aborted).toBe(false);
  asked[1]?.answer(2);
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  expect(observer.getCurrentResult().data).toBe(2);
  asked[2]?.answer(3);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe(3));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked, 'nobody wished for more').toHaveLength(3);
  leave();
});

test('a change during a question that fails is asked for, too', async () => {
  const { client, asked, observer, leave } = page();
  renew(client, 'dashboard');
  asked[0]?.fail(new Error('no network'));
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.answer(1);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe(1));
  leave();
});
