// The pictures of the documents, taken from real worlds with a fixed seed: the views, the founding story, and every state that
// the page may be in, with a page that lists them.

import { writeFileSync } from 'node:fs';

import type { Browser, Page } from '@playwright/test';

import {
  ages, apiDown, connectFirst, databaseDown, deadToken, disconnect, noBaseline, notAllowed, oneCreator, partialSync, pollFails,
  sessionEnded, type Act,
} from './acts';
import { confirmedSync, indicators, partlySynced, slowedDown, troubles, unwatched } from './acts-sync';
import { loading, neverAnswered, notBegun, nothingRead, refreshing } from './acts-waiting';
import { severalWays, story } from './story';
import { expect, test, World } from './world';

const FOLDER = new URL('../../docs/dashboard/', import.meta.url).pathname;

type Theme = 'light' | 'dark';

async function shoot(page: Page, name: string) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled' });
}

async function take(page: Page, name: string, path: string, testId: string) {
  await page.goto(path);
  await expect(page.getByTestId(testId).first()).toBeVisible();
  await shoot(page, name);
}

test('the founding story', async ({ browser }) => {
  test.setTimeout(360_000);
  for (const play of [story, severalWays]) {
    const world = await World.start({ creators: 2, days: 30 });
    try {
      const page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
      await play(page, world, (scene) => shoot(page, `story-${scene}`));
      await page.close();
    } finally {
      await world.stop();
    }
  }
});

/** Acts in a world that is well, each with its theme. */
const SHARED: [Act, Theme][] = [
  [loading, 'dark'], [ages, 'light'], [refreshing, 'dark'], [indicators, 'light'], [noBaseline, 'light'], [nothingRead, 'light'], [notBegun, 'dark'],
  [connectFirst, 'light'], [pollFails, 'light'], [neverAnswered, 'light'], [apiDown, 'dark'], [sessionEnded, 'light'],
  [notAllowed, 'dark'], [slowedDown, 'dark'], [partlySynced, 'light'], [unwatched, 'dark'], [troubles, 'dark'], [deadToken, 'dark'],
];
/** Acts in a world of their own. */
const ALONE: [Act, Theme, Parameters<typeof World.start>[0]][] = [
  [oneCreator, 'light', { creators: 1, days: 400, settings: { latencyMs: 1_500 } }],
  [partialSync, 'dark', { days: 400, settings: { latencyMs: 700 } }], [confirmedSync, 'light', {}],
  [databaseDown, 'dark', {}],
];

const GALLERY = `# The states of the page

Each is brought about by \`npm run screenshots --prefix dashboard\`, which takes these pictures and writes this page. The same acts are
played by the browser tests on every change, which read the words and look for whatever shuts somebody out.
`;

test('every state', async ({ browser, world }) => {
  test.setTimeout(900_000);
  const listed: string[] = [];
  for (const [act, theme] of SHARED) listed.push(...(await pictured(browser, world, act, theme)));
  for (const [act, theme, options] of ALONE) {
    const own = await World.start(options);
    try {
      listed.push(...(await pictured(browser, own, act, theme)));
    } finally {
      await own.stop();
    }
  }
  writeFileSync(`${FOLDER}states.md`, [GALLERY, ...listed].join('\n'));
});

async function pictured(browser: Browser, world: World, act: Act, colorScheme: Theme): Promise<string[]> {
  const context = await browser.newContext({
    baseURL: world.url, colorScheme, viewport: { width: 1080, height: 660 }, reducedMotion: 'reduce', timezoneId: 'Europe/Rome',
  });
  const page = await context.newPage();
  const listed: string[] = [];
  await act(page, world, async (name, words) => {
    await shoot(page, `state-${name}`);
    listed.push(`\n## ${name}\n\n${words}\n\n![${name}](state-${name}.png)\n`);
  });
  await context.close();
  return listed;
}

test('views', async ({ browser, world }) => {
  test.setTimeout(180_000);
  await world.tick();
  await world.counted();
  const creator = (await world.dashboard()).models[1]?.modelId;
  const open = (colorScheme: Theme, width: number, height: number) =>
    browser.newPage({ baseURL: world.url, colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
  for (const theme of ['light', 'dark'] as const) {
    const page = await open(theme, 1280, 1180);
    await take(page, `overview-${theme}`, '/', 'chart');
    await page.setViewportSize({ width: 1280, height: 1000 });
    await take(page, `creator-${theme}`, `/creators/${creator}`, 'transaction');
    await take(page, `sync-health-${theme}`, '/sync', 'reconciled');
    await take(page, `table-${theme}`, '/?view=table&range=90d', 'revenue-table');
    const phone = await open(theme, 390, 844);
    await take(phone, theme === 'dark' ? 'overview-phone' : 'overview-phone-light', '/?range=7d', 'chart');
  }
  const light = await open('light', 1280, 1000);
  await disconnect(world, 4);
  await take(light, 'dead-token-light', '/sync', 'connection');
});
