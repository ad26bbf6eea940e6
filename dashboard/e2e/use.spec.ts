// The page in use: filters, keys, contrast, small screens, time that passes.

import type { Page } from '@playwright/test';

import { span } from '../src/lib/dates';
import { accessible } from './accessible';
import { ages, openLive, unseen } from './acts';
import { indicators, partlySynced, slowedDown, troubles, unwatched } from './acts-sync';
import { expect, test, type World } from './world';

async function open(page: Page, path = '/') {
  await page.goto(path);
  await expect(page.getByTestId('gross')).toBeVisible();
}

async function firstCreator(world: World): Promise<string> {
  return `/creators/${(await world.dashboard()).models[0]?.modelId}`;
}

test('what is shown stands in the address and survives a reload', async ({ page }) => {
  await open(page);
  await page.getByText('90 days').first().click();
  await expect(page).toHaveURL('/?range=90d');
  await page.getByRole('button', { name: 'Previous', exact: false }).first().click();
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page).toHaveURL('/?range=90d&compare=off&view=table');
  await page.reload();
  await expect(page.getByRole('radio', { name: '90 days' })).toBeChecked();
  await expect(page.getByTestId('revenue-table')).toBeVisible();
  await page.getByTestId('creator').first().getByRole('link').click();
  await expect(page).toHaveURL(/\/creators\/[0-9a-f-]+\?range=90d&compare=off&view=table$/);
  await page.goBack();
  await expect(page).toHaveURL('/?range=90d&compare=off&view=table');
});

test('own days are asked for as they were picked', async ({ page, world }) => {
  await open(page);
  await page.getByRole('button', { name: 'Custom' }).click();
  await page.getByLabel('First day').fill('2026-09-03');
  await page.getByLabel('Last day').fill('2026-09-01');
  await expect(page.getByRole('button', { name: 'Show', exact: true })).toBeDisabled();
  await page.getByLabel('Last day').fill('2026-09-21');
  const asked = page.waitForRequest((request) => request.url().includes('startDate'));
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  expect(new URL((await asked).url()).search).toBe('?startDate=2026-09-03&endDate=2026-09-21');
  await expect(page).toHaveURL('/?from=2026-09-03&to=2026-09-21');
  const now = (await world.now()).getTime();
  await expect(page.getByText(`${span('2026-09-03', '2026-09-21', 'Europe/Rome', now)} · Europe/Rome time`)).toBeVisible();
});

test('everything can be done by keyboard', async ({ page }) => {
  await open(page);
  await page.keyboard.press('1');
  await expect(page).toHaveURL('/?range=7d');
  await page.keyboard.press('x');
  await expect(page).toHaveURL('/?range=7d&compare=off');
  await page.keyboard.press('Control+t');
  await page.keyboard.press('t');
  await expect(page).toHaveURL('/?range=7d&compare=off&view=table');
  await page.keyboard.press('t');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('5');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/?range=7d&compare=off');

  const spoken = page.getByTestId('chart-live');
  await page.getByTestId('chart').focus();
  await page.keyboard.press('End');
  await expect(page.getByTestId('tooltip')).toBeVisible();
  await expect(spoken).toContainText('so far');
  await page.keyboard.press('Home');
  const first = await spoken.textContent();
  await page.keyboard.press('ArrowRight');
  await expect(spoken).not.toHaveText(first ?? '');
  await page.keyboard.press('ArrowLeft');
  await expect(spoken).toHaveText(first ?? '');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('tooltip')).toHaveCount(0);

  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sync health');
  await expect(page.getByRole('main')).toBeFocused();
  await open(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the figures' })).toBeFocused();
});

test('a key is heard as soon as there is a figure to see', async ({ page }) => {
  await page.addInitScript(() => {
    const press = (_: unknown, observer: MutationObserver) => {
      if (!document.querySelector('[data-testid=gross]')) return;
      observer.disconnect();
      dispatchEvent(new KeyboardEvent('keydown', { key: '1' }));
    };
    new MutationObserver(press).observe(document, { childList: true, subtree: true });
  });
  await page.goto('/');
  await expect(page).toHaveURL('/?range=7d');
});

test('a window that is closed by its own button gives the focus back', async ({ page }) => {
  await open(page);
  const custom = page.getByRole('button', { name: 'Custom' });
  await custom.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Own range' }).getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(custom).toBeFocused();
  const sync = page.getByRole('button', { name: 'Force sync' });
  await sync.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Force sync' }).getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(sync).toBeFocused();
});

test('single keys can be turned off, and stay so', async ({ page }) => {
  await open(page);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await accessible(page, 'keyboard shortcuts');
  await help.getByRole('checkbox', { name: 'Single keys do this' }).uncheck();
  await help.getByRole('button', { name: 'Close' }).click();
  for (const key of ['1', 'x', 't', 'g', 's', '?']) await page.keyboard.press(key);
  await expect(page).toHaveURL('/');
  await expect(help).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId('gross')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page).toHaveURL('/');
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await help.getByRole('checkbox', { name: 'Single keys do this' }).check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('1');
  await expect(page).toHaveURL('/?range=7d');
});

for (const [width, height] of [[1280, 900], [390, 844]] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`nobody is shut out: axe, ${width} px, ${colorScheme}`, async ({ browser, world }) => {
      test.setTimeout(120_000);
      await world.counted();
      const context = await browser.newContext({
        viewport: { width, height }, colorScheme, reducedMotion: 'reduce', baseURL: world.url,
      });
      const page = await context.newPage();
      await open(page);
      await expect(page.getByTestId('audience')).toBeVisible();
      await page.getByRole('button', { name: 'More figures' }).click();
      await expect(page.getByTestId('more')).toBeVisible();
      await accessible(page, 'overview, with all figures');
      await page.getByRole('button', { name: 'Force sync' }).click();
      await expect(page.getByRole('dialog', { name: 'Force sync' })).toContainText('Reads the whole history');
      await accessible(page, 'before a sync');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Custom' }).click();
      await accessible(page, 'own range');
      await page.keyboard.press('Escape');
      await open(page, '/?view=table&range=90d');
      await accessible(page, 'table');
      await open(page, await firstCreator(world));
      await expect(page.getByTestId('connection')).toBeVisible();
      await page.getByRole('button', { name: /^Evidence of/ }).first().click();
      await expect(page.getByTestId('evidence')).toBeVisible();
      await accessible(page, 'creator, with evidence');
      await page.goto('/sync');
      await expect(page.getByTestId('health-creators')).toBeVisible();
      await expect(page.getByTestId('reconciled').first()).toBeVisible();
      await expect(page.getByTestId('connection').first()).toBeVisible();
      await expect(page.getByTestId('audience-streams')).toBeVisible();
      await accessible(page, 'sync health');
      await context.close();
    });

    test(`nobody is shut out when something is wrong: axe, ${width} px, ${colorScheme}`, async ({ browser, world }) => {
      test.setTimeout(120_000);
      const context = await browser.newContext({
        viewport: { width, height }, colorScheme, reducedMotion: 'reduce', baseURL: world.url,
      });
      const page = await context.newPage();
      await troubles(page, world, (name) => accessible(page, name));
      await context.close();
    });

    test(`nobody is shut out while syncs wait or are over: axe, ${width} px, ${colorScheme}`, async ({ browser, world }) => {
      test.setTimeout(120_000);
      for (const act of [slowedDown, partlySynced, unwatched, indicators]) {
        const context = await browser.newContext({
          viewport: { width, height }, colorScheme, reducedMotion: 'reduce', baseURL: world.url,
        });
        const page = await context.newPage();
        await act(page, world, (name) => accessible(page, name));
        await context.close();
      }
    });
  }
}

test('the chosen theme is there before the page is', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('button', { name: /^Theme: light/ }).click();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('live ends at five minutes, though nobody can be asked', async ({ page, world }) => {
  await ages(page, world, unseen);
});

test('a wrong clock makes no figure look older or younger', async ({ page, world }) => {
  for (const hours of [-3, 5]) {
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await openLive(page, world);
    await expect(page.getByTestId('summary')).toContainText(/just now|1m ago/);
  }
});

test('it asks once a minute, and not while nobody looks', async ({ page }) => {
  // Without a stream of changes, each of which is a reason to ask at once.
  await page.route('**/api/analytics/live**', (route) => route.fulfill({ status: 503 }));
  await page.clock.install();
  await page.addInitScript(() => {
    const [asked, real]: [number[], typeof fetch] = [[], window.fetch];
    Object.assign(window, { asked });
    window.fetch = (...words) => {
      if (String(words[0]).includes('/analytics/dashboard')) asked.push(Date.now());
      return real(...words);
    };
  });
  const asked = () => page.evaluate(() => (window as unknown as { asked: number[] }).asked);
  await open(page);
  await page.clock.pauseAt(Date.now() + 10_000);
  for (let seconds = 0; seconds < 250; seconds += 5) {
    await page.clock.runFor(5_000);
    await page.waitForTimeout(30);
  }
  const times = await asked();
  expect(times.length).toBeGreaterThanOrEqual(3);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const gap of gaps) {
    expect(gap).toBeGreaterThanOrEqual(54_000);
    // Held time goes on while an answer is on its way, which a busy machine makes longer.
    expect(gap).toBeLessThanOrEqual(90_000);
  }
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await page.clock.runFor(600_000);
  await page.waitForTimeout(200);
  expect(await asked()).toHaveLength(times.length);
});

test('changes faster than answers starve nobody', async ({ page, world }) => {
  await page.addInitScript(() => {
    class Talking extends EventTarget {
      static readonly CLOSED = 2;
      readonly readyState = 1;
      // Each is later than the page waits for a second one, and sooner than the answer.
      private readonly timer = setInterval(() => this.dispatchEvent(new Event('revision')), 300);
      close(): void {
        clearInterval(this.timer);
      }
    }
    Object.assign(window, { EventSource: Talking });
  });
  await open(page);
  let [asked, answered, given] = [0, 0, 0];
  page.on('requestfailed', (request) => {
    if (request.url().includes('/analytics/dashboard')) given += 1;
  });
  await page.route('**/api/analytics/dashboard*', async (route) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 900));
    await route.continue().catch(() => {});
    answered += 1;
  });
  await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
  expect(given, 'none is given up for the next').toBe(0);
  expect(asked - answered, 'and there is one at a time').toBeLessThanOrEqual(1);
  const before = (await world.dashboard()).kpiMetrics.totalRevenueCents;
  await expect(page.getByTestId('gross')).toHaveAttribute('data-cents', String(before));
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('no secret is kept where a page can find it', async ({ page, world }) => {
  await open(page);
  const kept = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]));
  expect(kept).not.toContain(world.secret);
  expect(kept).not.toContain('auth-token');
});
