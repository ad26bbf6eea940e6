// `npm run speed`: how soon the money is there and whether anything jumps, as on a phone's network and
// with a processor four times slower. Not in the gate: a busy machine would fail it.

import { expect, test } from './world';

const RUNS = 5;
// What browsers' tools call fast 4G.
const FAST_4G = { offline: false, latency: 60, downloadThroughput: 9_000_000 / 8, uploadThroughput: 1_500_000 / 8 };

test('speed', async ({ browser, world }) => {
  const seen: { lcp: number; cls: number; money: number }[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const page = await browser.newPage({ baseURL: world.url });
    const session = await page.context().newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', FAST_4G);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(() => {
      const kept = { lcp: 0, cls: 0 };
      Object.assign(window, { kept });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) kept.lcp = entry.startTime;
      }).observe({ type: 'largest-contentful-paint', buffered: true });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) kept.cls += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto('/');
    await expect(page.getByTestId('gross')).toBeVisible();
    const money = await page.evaluate(() => performance.now());
    await page.waitForTimeout(1_500);
    const { lcp, cls } = await page.evaluate(() => (window as unknown as { kept: { lcp: number; cls: number } }).kept);
    seen.push({ lcp: Math.round(lcp), cls, money: Math.round(money) });
    await page.close();
  }
  const median = (of: (one: (typeof seen)[number]) => number) => seen.map(of).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  console.log(seen);
  console.log({ lcp: median((one) => one.lcp), cls: median((one) => one.cls), money: median((one) => one.money) });
  expect(median((one) => one.cls)).toBeLessThanOrEqual(0.02);
  expect(median((one) => one.lcp)).toBeLessThanOrEqual(1_000);
});
