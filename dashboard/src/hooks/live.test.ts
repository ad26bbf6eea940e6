import { QueryObserver, type QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Dashboard } from '../api';
import { aDashboard } from '../samples';
import { newQueryClient, renew } from './data';
import { follow } from './live';

/** A stream that tells what the test says. */
class Stream extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 1;

  constructor(readonly url: string) {
    super();
    streams.push(this);
  }

  tell(revision: unknown): void {
    this.dispatchEvent(Object.assign(new Event('revision'), { lastEventId: String(revision) }));
  }

  close(): void {
    this.readyState = Stream.CLOSED;
  }
}

type Asked = { of: string; answer: (revision: number) => void; fail: () => void };

let streams: Stream[] = [];
let asked: Asked[] = [];
let ends: (() => void)[] = [];
let client: QueryClient;
const page = Object.assign(new EventTarget(), { hidden: false });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('document', page);
  client = newQueryClient();
});

afterEach(() => {
  for (const end of ends) end();
  [streams, asked, ends] = [[], [], []];
  page.hidden = false;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Puts figures on the page, which ask at once where they are not known; gives what takes them away. */
function show(of: string, agencyId = 'a'): () => void {
  const observer = new QueryObserver(client, {
    queryKey: ['dashboard', of], retry: false, staleTime: Infinity, gcTime: Infinity,
    queryFn: () => new Promise<Dashboard>((resolve, reject) => {
      const answer = (revision: number) => resolve(aDashboard({ agency: { id: agencyId, name: 'Lumen' }, revision }));
      asked.push({ of, answer, fail: () => reject(new Error('no network')) });
    }),
  });
  const leave = observer.subscribe(() => {});
  ends.push(leave);
  return leave;
}

/** Figures on the page, of that revision. */
async function shown(of: string, revision: number, agencyId = 'a'): Promise<() => void> {
  const leave = show(of, agencyId);
  asked.at(-1)?.answer(revision);
  await soon();
  return leave;
}

function watch(agencyId = 'a'): Stream {
  ends.push(follow(client, agencyId));
  return newest();
}

function newest(): Stream {
  const stream = streams.at(-1);
  if (!stream) throw new Error('nobody opened a stream');
  return stream;
}

/** Whatever is due within a second is done; nobody polls so soon. */
async function soon(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
}

/** What was asked for, one after the other. */
const questions = () => asked.map((one) => one.of);

test('what a stream begins with is no reason to ask where it is shown already', async () => {
  await shown('all', 4);
  const stream = watch();
  stream.tell(4);
  await soon();
  expect(questions()).toEqual(['all']);
  stream.tell(5);
  await soon();
  expect(questions()).toEqual(['all', 'all']);
});

test('a change between the answer and the stream is asked for', async () => {
  await shown('all', 4);
  watch().tell(5);
  await soon();
  expect(questions()).toEqual(['all', 'all']);
  asked[1]?.answer(5);
  await soon();
  expect(asked, 'and it was asked for once').toHaveLength(2);
});

test('books that were put back to an older state are asked for, too', async () => {
  await shown('all', 90);
  watch().tell(70);
  await soon();
  expect(asked).toHaveLength(2);
});

test('what can’t be read is a reason to ask', async () => {
  await shown('all', 4);
  watch().tell('?');
  await soon();
  expect(asked).toHaveLength(2);
});

test('of several on a page those are asked for again that are of another revision', async () => {
  await shown('overview', 4);
  await shown('creator', 5);
  watch().tell(5);
  await soon();
  expect(questions()).toEqual(['overview', 'creator', 'overview']);
});

test('what was on its way when a change was told is asked for again only if it came without that', async () => {
  for (const [told, again] of [[5, 0], [6, 1]] as const) {
    await shown(`${told}`, 4);
    const stream = watch();
    renew(client, 'dashboard', { agencyId: 'a', revision: 5 });
    const before = asked.length;
    stream.tell(told);
    await soon();
    expect(asked, 'it is let come').toHaveLength(before);
    asked.at(-1)?.answer(5);
    await soon();
    expect(asked).toHaveLength(before + again);
    for (const end of ends.splice(0)) end();
  }
});

test('a change that is told before there is any answer is asked for, if that came without it', async () => {
  show('all');
  const stream = watch();
  stream.tell(5);
  await soon();
  asked[0]?.answer(4);
  await soon();
  expect(asked).toHaveLength(2);
  stream.tell(6);
  await soon();
  asked[1]?.answer(6);
  await soon();
  expect(asked).toHaveLength(2);
});

test('a change of which nobody tells the revision is asked for, whatever is told beside it', async () => {
  await shown('all', 4);
  const stream = watch();
  stream.tell(5);
  await soon();
  renew(client, 'dashboard');
  stream.tell(5);
  await soon();
  asked[1]?.answer(5);
  await soon();
  expect(asked).toHaveLength(3);
});

test('what nobody looks at is asked for when somebody does, if it changed meanwhile', async () => {
  const leave = await shown('7d', 4);
  const leaveOther = await shown('90d', 5);
  leave();
  leaveOther();
  await shown('30d', 5);
  watch().tell(5);
  await soon();
  expect(asked).toHaveLength(3);
  show('7d');
  show('90d');
  expect(questions()).toEqual(['7d', '90d', '30d', '7d']);
});

test('what is told of one agency says nothing of another', async () => {
  await shown('of b', 4, 'b');
  const stream = watch('a');
  show('of b, too', 'b');
  stream.tell(5);
  await soon();
  asked.at(-1)?.answer(4);
  await soon();
  expect(questions()).toEqual(['of b', 'of b, too']);
  watch('b').tell(5);
  await soon();
  expect(questions().slice(2)).toEqual(['of b', 'of b, too']);
});

test('a stream that is back does not tell again what it told: an answer that failed is asked for again', async () => {
  await shown('all', 4);
  const stream = watch();
  stream.dispatchEvent(new Event('open'));
  stream.tell(5);
  await soon();
  asked[1]?.fail();
  await soon();
  expect(asked).toHaveLength(2);
  stream.dispatchEvent(new Event('open'));
  await soon();
  expect(asked).toHaveLength(3);
  asked[2]?.answer(5);
  await soon();
  stream.dispatchEvent(new Event('open'));
  await soon();
  expect(asked, 'and once it is shown, no more').toHaveLength(3);
});

test('nobody listens while nobody looks; whoever looks again is told what is so then', async () => {
  await shown('all', 4);
  const stream = watch();
  stream.tell(4);
  page.hidden = true;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(stream.readyState).toBe(Stream.CLOSED);
  await soon();
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(streams).toHaveLength(2);
  newest().dispatchEvent(new Event('open'));
  newest().tell(4);
  await soon();
  expect(asked).toHaveLength(1);
  newest().tell(5);
  await soon();
  expect(asked).toHaveLength(2);
});

test('a stream that was refused is asked for again minutes later, and begins with what is so then', async () => {
  await shown('all', 4);
  const stream = watch();
  stream.close();
  stream.dispatchEvent(new Event('error'));
  await soon();
  expect(streams).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(270_000);
  expect(streams).toHaveLength(2);
  newest().tell(5);
  await soon();
  expect(asked).toHaveLength(2);
});
