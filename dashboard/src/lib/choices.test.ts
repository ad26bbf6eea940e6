import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => vi.unstubAllGlobals());

/** The page, opened by whoever has that kept. */
async function opened(kept: Map<string, string> | null): Promise<typeof import('./choices')> {
  const refuse = () => {
    throw new Error('no storage');
  };
  vi.stubGlobal('localStorage', kept === null ? { getItem: refuse, setItem: refuse, removeItem: refuse } : {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.resetModules();
  return import('./choices');
}

test('keys that were turned off stay so when the page is loaded again', async () => {
  const kept = new Map<string, string>();
  const first = await opened(kept);
  expect(first.areKeysOn()).toBe(true);
  first.turnKeys(false);
  expect(first.areKeysOn()).toBe(false);
  const second = await opened(kept);
  expect(second.areKeysOn()).toBe(false);
  second.turnKeys(true);
  expect((await opened(kept)).areKeysOn()).toBe(true);
  expect(kept.size).toBe(0);
});

test('without a storage it lasts as long as the page', async () => {
  const page = await opened(null);
  expect(page.areKeysOn()).toBe(true);
  page.turnKeys(false);
  expect(page.areKeysOn()).toBe(false);
});
