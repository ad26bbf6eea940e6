// What the page says when not all is well. Each of these worlds is broken in earnest, one by one.

import type { DashboardAnswer } from '../src/api';
import { money } from '../src/lib/money';
import { accessible } from './accessible';
import {
  apiDown, connectFirst, DASHBOARD, databaseDown, deadToken, minute, noBaseline, notAllowed, oneCreator, open, partialSync, pollFails,
  sessionEnded, unseen, type Act,
} from './acts';
import { loading, neverAnswered, notBegun, nothingRead, refreshing } from './acts-waiting';
import { expect, test, World } from './world';

/** An act of the world that tests share, and whether somebody is shut out of what it shows. */
function plays(title: string, act: Act): void {
  test(title, async ({ page, world }) => {
    test.setTimeout(90_000);
    await act(page, world, (name) => accessible(page, name));
  });
}

/** An act in a world of its own. */
function playsAlone(title: string, act: Act, options: Parameters<typeof World.start>[0] = {}): void {
  test(title, async ({ page }) => {
    test.setTimeout(150_000);
    const world = await World.start(options);
    try {
      await act(page, world, (name) => accessible(page, name));
    } finally {
      await world.stop();
    }
  });
}

test('a sale and its refund appear on the open page', async ({ page, world }) => {
  const before = (await world.dashboard()).kpiMetrics.totalRevenueCents;
  const [creator] = (await world.dashboard()).models;
  await page.clock.install();
  await open(page, world);
  await page.clock.pauseAt(Date.now() + 10_000);
  const sold = { creator: creator?.fanvueUserUuid, grossCents: 123_456, netCents: 100_000, source: 'tip' };
  await world.sim('sales', sold);
  await world.tick();
  const gross = page.getByTestId('gross');
  const sum = String(before + 123_456);
  await minute(page, () => expect(gross).toHaveAttribute('data-cents', sum, { timeout: 50 }));
  await world.sim('refunds', { creator: creator?.fanvueUserUuid, kind: 'refund' });
  await world.tick();
  await minute(page, () => expect(gross).not.toHaveAttribute('data-cents', sum, { timeout: 50 }));
  await page.clock.resume();
  await page.goto(`/creators/${creator?.modelId}`);
  await expect(page.getByTestId('transaction').first()).toContainText('Refund');
});

test('what only a webhook told of is marked', async ({ page, world }) => {
  const [creator] = (await world.dashboard()).models;
  await world.sim('sales', {
    creator: creator?.fanvueUserUuid, grossCents: 7_700, source: 'tip', visibleAfterSeconds: 3_600,
  });
  const isTold = async () => (await world.dashboard()).kpiMetrics.provisionalCount;
  await expect.poll(isTold).toBe(1);
  await open(page, world, `/creators/${creator?.modelId}`);
  await expect(page.getByText('$77.00 of it provisional')).toBeVisible();
  await expect(page.getByTestId('transaction').first()).toContainText('Provisional');
  await expect(page.getByTestId('provenance')).toContainText('No: a part is provisional');
});

test('days without a sale are said to be such, with the way to others', async ({ page, world }) => {
  await open(page, world, '/?from=2015-01-02&to=2015-01-05');
  await expect(page.getByRole('heading', { name: 'No revenue between 2 and 5 Jan 2015' })).toBeVisible();
  await expect(page.getByText('There was no sale before either.')).toBeVisible();
  await page.getByRole('button', { name: 'Show 30 days' }).click();
  await expect(page.getByTestId('chart')).toBeVisible();
});

plays('the first load: skeletons, and nothing that looks like a figure', loading);
plays('a history that nobody reads yet does not look as if somebody did', notBegun);
plays('days of which not all was read are not said to be without a sale', nothingRead);
plays('nothing earlier is no growth', noBaseline);
plays('an API that is down is an error, with nothing that looks like a figure', apiDown);

test('what is painted before the program is here promises no figure', async ({ page, world }) => {
  await page.route('**/assets/*.js', (route) => route.abort());
  // Of no answer, of a refusal, and where the program would show no sum.
  for (const [path, status] of [['/', 0], ['/', 503], ['/', 401], ['/sync', 200]] as const) {
    if (status !== 200) await page.route(DASHBOARD, (route) => (status === 0 ? undefined : route.fulfill({ status })));
    const asked = page.waitForRequest(DASHBOARD);
    await page.goto(world.url + path);
    await asked;
    await expect(page.getByRole('status', { name: 'Loading revenue' })).toBeVisible();
    await expect(page.getByText('Heartbeat')).toBeVisible();
    await page.waitForTimeout(300);
    await expect(page.getByText('$')).toHaveCount(0);
    await page.unroute(DASHBOARD);
  }
});

test('the sum that the server told is painted before the program is here, and not for long without it', async ({ page, world }) => {
  await page.clock.install();
  await page.route('**/assets/*.js', (route) => route.abort());
  const { kpiMetrics } = await world.dashboard();
  await page.goto(world.url);
  await expect(page.getByText('Gross revenue')).toBeVisible();
  const figure = page.getByText('$');
  await expect(figure).toHaveText(money(kpiMetrics.totalRevenueCents, 'USD'));
  await page.clock.fastForward(20_000);
  await expect(figure).toHaveCount(0);
  await expect(page.getByRole('status', { name: 'Loading revenue' })).toBeVisible();
});

test('the sum of other days is not painted into the program', async ({ page, world }) => {
  let answer = () => {};
  const asked30 = new Promise<void>((resolve) => {
    answer = resolve;
  });
  // The first question is answered when somebody has asked for other days, and those never are.
  await page.route(DASHBOARD, async (route) => {
    if (!route.request().url().includes('30d')) return;
    await asked30;
    await route.continue();
  });
  await page.goto(world.url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
  await page.getByText('7 days').first().click();
  await expect(page).toHaveURL(/range=7d/);
  const answered = page.waitForResponse(DASHBOARD);
  answer();
  await (await answered).finished();
  await page.waitForTimeout(300);
  await expect(page.getByText('$')).toHaveCount(0);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('the program paints the sum where it stands already', async ({ page, world }) => {
  for (const size of [{ width: 1280, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    let letGo = () => {};
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/assets/*.js', async (route) => {
      await gone;
      await route.continue();
    });
    await page.goto(world.url, { waitUntil: 'commit' });
    await expect(page.getByText('$')).toBeVisible();
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    const before = await page.getByText('$').boundingBox();
    letGo();
    await expect(page.getByTestId('gross')).toBeVisible();
    const after = await page.getByTestId('gross').boundingBox();
    expect([after?.x, after?.height], `${size.width} px`).toEqual([before?.x, before?.height]);
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0)), `${size.width} px`).toBeLessThan(1);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }
});

test('the program of another view is asked for before the program is here', async ({ page, world }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.route(/assets\/(index|react|shared)-/, (route) => route.abort());
  const { models } = await world.dashboard();
  for (const [path, file] of [['/sync', /sync-health-/], [`/creators/${models[0]?.modelId}`, /creator-/]] as const) {
    await page.goto(world.url + path);
    await expect.poll(() => asked.filter((url) => file.test(url)).length).toBe(1);
  }
  asked.length = 0;
  await page.goto(world.url);
  expect(asked.filter((url) => /sync-health-|creator-/.test(url))).toEqual([]);
});

test('the first question is asked before the program is here, and once', async ({ page, world }) => {
  await page.route('**/api/analytics/live**', (route) => route.fulfill({ status: 503 }));
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/analytics/dashboard')) asked.push(request.url());
  });
  await page.route('**/assets/*.js', async (route) => {
    await expect.poll(() => asked.length).toBe(1);
    await route.continue();
  });
  await open(page, world, '/?range=90d');
  expect(asked.map((url) => new URL(url).search)).toEqual(['?timeRange=90d']);
});

test('figures are asked for again when a stream tells of others, and not because it opens', async ({ page, world }) => {
  // What streams told, as the page hears it.
  await page.addInitScript(() => {
    const heard: number[] = [];
    class Heard extends EventSource {
      constructor(url: string) {
        super(url);
        this.addEventListener('revision', ({ lastEventId }) => heard.push(Number(lastEventId)));
      }
    }
    Object.assign(window, { heard, EventSource: Heard });
  });
  const heard = () => page.evaluate(() => (window as unknown as { heard: number[] }).heard);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/analytics/dashboard')) asked.push(request.url());
  });
  const answered = page.waitForResponse(DASHBOARD);
  await open(page, world);
  const { revision } = (await (await answered).json()) as DashboardAnswer;
  // The world's own schedule may change something at any time: then, and only then, it is asked for once more.
  const others = async () => (await heard()).filter((one) => one !== revision).length;
  await expect.poll(heard).not.toEqual([]);
  await page.waitForTimeout(1_000);
  let [all, most] = [asked.length, 1 + (await others())];
  expect(all, 'by the page that was opened').toBeLessThanOrEqual(most);
  // The same figures are known to another view, which opens a stream of its own.
  const streams = (await heard()).length;
  await page.getByRole('link', { name: /^Sync health/ }).click();
  await expect.poll(async () => (await heard()).length).toBeGreaterThan(streams);
  await page.waitForTimeout(1_000);
  [all, most] = [asked.length, 1 + (await others())];
  expect(all, 'by the view that was gone to').toBeLessThanOrEqual(most);

  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page.getByTestId('gross')).toBeVisible();
  const before = (await world.dashboard()).kpiMetrics.totalRevenueCents;
  const [creator] = (await world.dashboard()).models;
  await world.sim('sales', { creator: creator?.fanvueUserUuid, grossCents: 5_432, netCents: 4_345, source: 'tip' });
  await world.tick();
  // Long before a poll's turn.
  await expect(page.getByTestId('gross')).toHaveAttribute('data-cents', String(before + 5_432));
  expect(asked.length).toBeGreaterThan(1);
});

test('who goes back sees what is so now, not what the browser kept', async ({ page, world }) => {
  // No stream, which would have it asked again at once; and no route, which would keep nothing.
  await page.addInitScript(() => {
    class Silent {
      static readonly CLOSED = 2;
      readonly readyState = 0;
      addEventListener(): void {}
      close(): void {}
    }
    Object.assign(window, { EventSource: Silent });
  });
  await open(page, world);
  const before = (await world.dashboard()).kpiMetrics.totalRevenueCents;
  await expect(page.getByTestId('gross')).toHaveAttribute('data-cents', String(before));
  await page.goto('about:blank');
  const [creator] = (await world.dashboard()).models;
  await world.sim('sales', { creator: creator?.fanvueUserUuid, grossCents: 4_321, netCents: 3_456, source: 'tip' });
  await world.tick();
  expect((await world.dashboard()).kpiMetrics.totalRevenueCents).toBe(before + 4_321);
  const sent = page.waitForRequest((request) => request.url().includes('/analytics/dashboard'));
  await page.goBack();
  const headers = await (await sent).allHeaders();
  // Asked whether it holds, not to have it all added up anew: that would never be answered with 304.
  expect(headers['cache-control']).toBe('max-age=0');
  await expect(page.getByTestId('gross')).toHaveAttribute('data-cents', String(before + 4_321));
});

// Figures that are dimmed for a moment, or under a clock that is held, are not looked at by axe.
test('figures of before stay while others are asked for', async ({ page, world }) => {
  await refreshing(page, world, unseen);
});

test('a poll that fails keeps the last good figures and says so', async ({ page, world }) => {
  await pollFails(page, world, unseen);
});

test('a request that is never answered hides neither that it failed nor how old the figures are', async ({ page, world }) => {
  test.setTimeout(120_000);
  await neverAnswered(page, world, unseen);
});

test('without a session it asks to sign in, keeps the filters, and keeps no secret', async ({ page, world }) => {
  await sessionEnded(page, world, (name) => accessible(page, name));
  await page.getByLabel('Operator secret').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The server refused this secret.')).toBeVisible();
  await page.getByLabel('Operator secret').fill(world.secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByTestId('gross')).toBeVisible();
  await expect(page).toHaveURL('/?range=7d');
  const kept = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]));
  expect(kept).not.toContain(world.secret);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  expect((await downloading).suggestedFilename()).toMatch(/\.csv$/);
});

plays('whoever may no longer see figures sees none of them any more', notAllowed);
plays('nobody connected yet: the way to connect', connectFirst);
plays('a dead token: since when, and the way back', deadToken);
playsAlone('a database that is down is an error with a reference', databaseDown);
playsAlone('a first sync, and one that does not come to its end', partialSync, { days: 400, settings: { latencyMs: 700 } });
playsAlone('one creator: a first sync, days without a sale, and a token that Fanvue ended', oneCreator, {
  creators: 1, days: 400, settings: { latencyMs: 1_500 },
});
