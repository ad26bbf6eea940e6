// The pictures of the documents, taken from real worlds with a fixed seed: the views, and the founding story.

import type { Page } from '@playwright/test';

import { story } from './story';
import { expect, test, World } from './world';

const FOLDER = new URL('../../docs/dashboard/', import.meta.url).pathname;

async function take(page: Page, name: string, path: string, testId: string) {
  await page.goto(path);
  await expect(page.getByTestId(testId).first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled' });
}

test('the founding story', async ({ browser }) => {
  test.setTimeout(180_000);
  const world = await World.start({ creators: 2, days: 30 });
  try {
    const page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    await story(page, world, async (scene) => {
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${FOLDER}story-${scene}.png`, animations: 'disabled' });
    });
  } finally {
    await world.stop();
  }
});

test('pictures', async ({ browser, world }) => {
  await world.tick();
  await world.counted();
  const creator = (await world.dashboard()).models[1]?.modelId;
  const open = (colorScheme: 'light' | 'dark', width: number, height: number) =>
    browser.newPage({ baseURL: world.url, colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
  const dark = await open('dark', 1280, 1180);
  await take(dark, 'overview-dark', '/', 'chart');
  const light = await open('light', 1280, 1000);
  await take(light, 'creator-light', `/creators/${creator}`, 'transaction');
  await take(light, 'sync-health-light', '/sync', 'reconciled');
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
