// What is waited for: an answer that does not come, and histories that nobody has read yet.

import type { Page } from '@playwright/test';

import type { DashboardAnswer } from '../src/api';
import { DASHBOARD, open, openLive, type Act } from './acts';
import { expect } from './world';

/** Holds the answers of the dashboard until they are let go. */
async function held(page: Page): Promise<() => void> {
  let letGo = () => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(DASHBOARD, async (route) => {
    await gone;
    await route.continue();
  });
  return letGo;
}

export const loading: Act = async (page, world, take) => {
  const letGo = await held(page);
  await page.goto(world.url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
  await expect(page.getByRole('status', { name: 'Loading revenue' })).toBeVisible();
  await expect(page.getByText('$')).toHaveCount(0);
  await take('loading', 'Loading revenue');
  letGo();
  await expect(page.getByTestId('gross')).toBeVisible();
};

export const refreshing: Act = async (page, world, take) => {
  // Of what is not live the age is shown meanwhile, too.
  await openLive(page, world);
  const refreshing = page.getByTestId('summary').getByText('Refreshing');
  const shown = await page.getByTestId('gross').textContent();
  await expect(refreshing).toBeHidden();
  const letGo = await held(page);
  await page.keyboard.press('1');
  await expect(refreshing).toBeVisible();
  await expect(page.getByTestId('gross'), 'the figures of before stay').toHaveText(shown ?? '');
  await take('refreshing', 'Refreshing');
  letGo();
  await expect(refreshing).toBeHidden();
};

/** A server that takes the question and never answers it. */
export const neverAnswered: Act = async (page, world, take) => {
  await page.clock.install({ time: await world.now() });
  const { models } = await openLive(page, world);
  const shown = await page.getByTestId('gross').textContent();
  const oldest = Math.min(...models.map((one) => Date.parse(one.confirmedAt ?? '')));
  await page.route('**/api/**', () => {});
  await page.clock.pauseAt(Math.max(await page.evaluate(() => Date.now()), oldest + 60_000) + 1_000);
  // A poll's turn comes; 20 seconds later nobody waits for it any more.
  for (let seconds = 0; seconds < 90; seconds += 5) await page.clock.runFor(5_000);
  await expect(page.getByText('We could not refresh; trying again. The server did not answer.')).toBeVisible();
  await expect(page.getByTestId('gross')).toHaveText(shown ?? '');
  // Whatever is on its way then, after five minutes it is not live.
  for (let seconds = 0; seconds < 300; seconds += 5) await page.clock.runFor(5_000);
  const summary = page.getByTestId('summary');
  await expect(summary).toHaveAttribute('data-state', 'stale');
  for (let seconds = 0; seconds < 70; seconds += 5) {
    await page.clock.runFor(5_000);
    await expect(summary.getByText(/\dm ago/)).toBeVisible();
    await expect(summary.getByText('Refreshing')).toBeHidden();
  }
  await take('never-answered', 'Showing figures from 14:02. We could not refresh; trying again. The server did not answer. 6m ago');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
};

/** Nobody was read yet: one is next, and of one there is no account. */
export const notBegun: Act = async (page, world, take) => {
  const reasons = ['its history has not been read yet', 'no Fanvue account is connected'];
  let asked = 0;
  await page.route(DASHBOARD, async (route) => {
    asked += 1;
    const response = await route.fetch();
    const said = (await response.json()) as DashboardAnswer;
    const models = said.models.map((one, index) => ({
      ...one, state: 'live', ...(index < 2 ? { state: 'never', asOf: null, confirmedAt: null, rowsSoFar: 0, reason: reasons[index] } : {}),
    }));
    await route.fulfill({ response, json: { ...said, models } });
  });
  await page.route('**/api/analytics/live**', (route) => route.fulfill({ status: 503 }));
  await page.clock.install();
  await open(page, world);
  const { models } = await world.dashboard();
  await expect(page.getByText(`${models[0]?.name}’s history is read next.`)).toBeVisible();
  await expect(page.getByText(`No account is connected that reads ${models[1]?.name}.`)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Connect Fanvue' })).toBeVisible();
  await expect(page.locator('main .spinning:visible')).toHaveCount(0);
  await take('not-begun', 'Lina’s history is read next. No account is connected that reads Maya Rossi. [Connect Fanvue]');
  // What never begins is not looked for every five seconds for ever.
  await page.clock.fastForward(660_000);
  await page.waitForTimeout(500);
  asked = 0;
  for (let seconds = 0; seconds < 120; seconds += 5) {
    await page.clock.runFor(5_000);
    await page.waitForTimeout(30);
  }
  expect(asked).toBeLessThanOrEqual(4);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
};

/** Days without a row, while a history is not read to its end: nobody knows that there was no sale. */
export const nothingRead: Act = async (page, world, take) => {
  await page.route(DASHBOARD, async (route) => {
    const response = await route.fetch();
    const said = (await response.json()) as DashboardAnswer;
    const models = said.models.map((one, index) => (index === 0 ? { ...one, state: 'stale', asOf: null, confirmedAt: null } : one));
    await route.fulfill({ response, json: { ...said, models } });
  });
  await open(page, world, '/?from=2015-01-02&to=2015-01-05');
  await expect(page.getByRole('heading', { name: 'Nothing read yet in these days' })).toBeVisible();
  await expect(page.getByText('3 of 4 histories are complete.')).toBeVisible();
  await expect(page.getByText(/No revenue|There was no sale/)).toHaveCount(0);
  await take('nothing-read', 'Nothing read yet in these days. 3 of 4 histories are complete.');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
};
