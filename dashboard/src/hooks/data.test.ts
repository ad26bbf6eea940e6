import { QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';

import { address, PATHS } from '../api';
import { params, parse } from '../lib/filters';
import { aDashboard } from '../samples';
import { knowFirst, newQueryClient, renew } from './data';

afterEach(() => {
  globalThis.firstQuestion = undefined;
});

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

test('a good answer that is here before the program is known to the view that asks for it', async () => {
  for (const [search, modelId] of [['?range=7d', undefined], ['?agency=a&compare=off', 'm']] as const) {
    const client = newQueryClient();
    const asked = params(parse(search), modelId);
    globalThis.firstQuestion = { url: address(PATHS.dashboard, asked), sentAt: Date.now(), answer: Promise.resolve(Response.json(aDashboard())) };
    await knowFirst(client, search);
    expect(client.getQueryData(['dashboard', asked])).toMatchObject({ currency: 'USD' });
  }
});

test('a refusal, a failure and what is still on its way are left to the view that asks', async () => {
  const answers = [Promise.resolve(Response.json({}, { status: 401 })), Promise.reject(new TypeError('no network')), new Promise<Response>(() => {})];
  for (const answer of answers) {
    const client = newQueryClient();
    globalThis.firstQuestion = { url: address(PATHS.dashboard, params(parse(''))), sentAt: Date.now(), answer };
    await knowFirst(client, '');
    expect(client.getQueryCache().getAll()).toEqual([]);
    expect(globalThis.firstQuestion).toBeDefined();
  }
  globalThis.firstQuestion = undefined;
  await knowFirst(newQueryClient(), '');
});
