// The pictures of README.md in this folder, taken from a real world with a fixed seed.

import type { Page } from '@playwright/test';

import { expect, test } from './world';

const FOLDER = new URL('../../docs/dashboard/', import.meta.url).pathname;

async function take(page: Page, name: string, path: string, testId: string) {
  await page.goto(path);
  await expect(page.getByTestId(testId).first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled' });
}

test('pictures', async ({ browser, world }) => {
  await world.tick();
  const creator = (await world.dashboard()).models[1]?.modelId;
  const open = (colorScheme: 'light' | 'dark', width: number, height: number) =>
    browser.newPage({ baseURL: world.url, colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
  const dark = await open('dark', 1280, 1180);
  await take(dark, 'overview-dark', '/', 'chart');
  const light = await open('light', 1280, 1000);
  await take(light, 'creator-light', `/creators/${creator}`, 'transaction');
  const phone = await open('dark', 390, 844);
  await take(phone, 'overview-phone', '/?range=7d', 'chart');
  await world.sim('revoke', { account: 'agency' });
  await world.sim('time', { advanceSeconds: 3_500 });
  await expect.poll(async () => {
    await world.tick();
    return (await world.dashboard()).freshness.disconnectedCount;
  }, { timeout: 30_000 }).toBe(4);
  await take(light, 'dead-token-light', '/sync', 'connection');
});
