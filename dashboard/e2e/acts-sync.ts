// What a sync that somebody asks for looks like, from before it to its ends; and what Sync health says when not all agree.

import { CAUSES } from '../src/lib/reconcile';
import type { Act } from './acts';
import { ended, lost, parked, planned, repaired, standing, troubled, working } from './trouble';
import { expect, type World } from './world';

const JOBS = /\/api\/sync\/jobs/;

/** How many syncs of all creators were asked for. */
async function ofAll(world: World): Promise<number> {
  return (await world.jobs()).filter((one) => one.modelId === null).length;
}

/** Of a world of its own: confirmed, watched, found again after a reload, and its end. */
export const confirmedSync: Act = async (page, world, take) => {
  await world.settle();
  await world.prove();
  // Other tests may have asked for some in this world, and the nightly proof reads creators one by one.
  const before = await ofAll(world);
  await world.sim('settings', { latencyMs: 3_000 });
  await page.goto(world.url);
  await page.getByRole('button', { name: 'Force sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Force sync' });
  await expect(dialog).toContainText('Reads the whole history of 4 creators from Fanvue again');
  await expect(dialog).toContainText('Nothing is deleted.');
  await take('sync-before', 'Reads the whole history of 4 creators from Fanvue again, adds every transaction that is missing and brings the totals up to date. Nothing is deleted.');
  await dialog.getByRole('button', { name: 'Start sync' }).click();
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  await expect(dialog).toContainText('You can close this window; the sync goes on.');
  await take('sync-progress', 'Reading Maya Rossi · 2 of 4 creators · 14 new. You can close this window; the sync goes on.');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  const strip = page.getByTestId('sync-strip');
  await expect(strip).toContainText('Syncing all creators');

  await page.reload();
  await expect(strip).toContainText('Syncing all creators');
  await page.getByRole('button', { name: /^Syncing/ }).click();
  await expect(dialog).toContainText(/A sync is already running \(started \d+ (s|min) ago\)\. Showing its progress\./);
  await take('sync-joined', 'A sync is already running (started 20 s ago). Showing its progress.');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  // Of a creator whom it reads, too.
  await page.goto(`${world.url}/creators/${(await world.dashboard()).models[0]?.modelId}`);
  await page.getByRole('button', { name: /^Syncing/ }).click();
  await expect(page.getByRole('dialog')).toContainText('A sync is already running');
  await page.keyboard.press('Escape');
  expect((await world.jobs())[0]?.modelId, 'nobody began one of the creator').toBeNull();
  expect(await ofAll(world), 'nobody began a second one').toBe(before + 1);

  await world.sim('settings', { latencyMs: 0 });
  await expect(strip).toContainText('Sync finished · nothing new', { timeout: 60_000 });
  await take('sync-nothing-new', 'Sync finished · nothing new');
  await strip.getByRole('button', { name: 'Dismiss' }).click();
  await expect(strip).toHaveCount(0);
  await page.goto(world.url);
  await page.getByRole('button', { name: 'Force sync' }).click();
  await dialog.getByRole('button', { name: 'Start sync' }).click();
  await expect(dialog.getByRole('alert')).toContainText('All of it was read to the end a moment ago. It can be asked for again in');
  await take('sync-again', 'All of it was read to the end a moment ago. It can be asked for again in 5 min.');
};

export const slowedDown: Act = async (page, world, take) => {
  const pausedUntil = new Date((await world.now()).getTime() + 90_000).toISOString();
  await page.route(JOBS, working({ state: 'paused', pausedUntil }));
  await page.goto(world.url);
  await expect(page.getByTestId('sync-strip')).toContainText(/Fanvue asked us to slow down\. Continuing in \d+ (s|min)\./);
  await take('sync-slowed-down', 'Fanvue asked us to slow down. Continuing in 40 s.');
};

/** A sync runs, and how far it is can't be had. */
export const unwatched: Act = async (page, world, take) => {
  const problem = { status: 404, code: 'not_found', title: 'x', type: 'x', detail: 'there is no such job', requestId: 'r' };
  await page.route(/\/api\/sync\/jobs\//, (route) =>
    route.fulfill({ status: 404, contentType: 'application/problem+json', body: JSON.stringify(problem) }));
  await page.route('**/api/fanvue/force-sync-revenue*', planned);
  await page.goto(world.url);
  await page.getByRole('button', { name: 'Force sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Force sync' });
  await expect(dialog.getByRole('alert')).toHaveText(
    'A sync is already running, but how far it is could not be loaded. There is no such job.',
  );
  await take('sync-unwatched', 'A sync is already running, but how far it is could not be loaded. [Try again]');
  await page.unroute(/\/api\/sync\/jobs\//);
  await page.route(JOBS, working());
  await dialog.getByRole('button', { name: 'Try again' }).click();
  await expect(dialog.getByRole('progressbar')).toBeVisible();
};

export const partlySynced: Act = async (page, world, take) => {
  const creator = (await world.dashboard()).models[0];
  const one = { modelId: creator?.modelId ?? '', name: creator?.name ?? '' };
  const part = lost(one);
  await page.route(JOBS, working({
    state: 'partly', creatorsDone: 3, percent: 100, etaSeconds: null, reason: `${one.name} needs reconnecting`, endedAt: part.endedAt,
    creators: [part],
  }));
  await page.route('**/api/fanvue/force-sync-revenue*', planned);
  await page.goto(world.url);
  await page.getByRole('button', { name: 'Force sync' }).click();
  const dialog = page.getByRole('dialog', { name: 'Force sync' });
  await expect(dialog).toContainText(`3 of 4 creators synced. ${one.name} needs reconnecting.`);
  await expect(dialog.getByRole('button', { name: 'Reconnect' })).toBeVisible();
  await take('sync-partly', '3 of 4 creators synced. Iris Vale needs reconnecting. [Reconnect]');
};

export const indicators: Act = async (page, world, take) => {
  await page.route('**/api/analytics/dashboard*', await standing(world));
  await page.route('**/api/auth/fanvue/connections*', ended);
  await page.goto(world.url);
  const of = (state: string) => page.locator(`[data-testid=indicator][data-state=${state}]`);
  await expect(of('live')).toContainText(/Live · (just now|\dm ago)/);
  await expect(of('stale')).toContainText('22m ago');
  await expect(of('never')).toHaveText('Never synced');
  await expect(of('disconnected')).toContainText('Disconnected · 1d ago');
  await expect(page.getByTestId('live-count')).toHaveText('1 of 4 live');
  await take('indicators', 'Live · just now, 22m ago, Never synced, Disconnected · 1d ago');
};

export const troubles: Act = async (page, world, take) => {
  await page.route('**/api/fanvue/diagnose-revenue*', troubled);
  await page.route(JOBS, working());
  await page.route('**/api/fanvue/force-sync-revenue*', planned);
  await page.route('**/api/sync/status*', parked);
  await page.route('**/api/sync/repairs*', repaired);
  await page.goto(`${world.url}/sync`);
  const table = page.getByTestId('reconciliation');
  await expect(table).toContainText('$64.99 less is shown than Fanvue has.');
  await expect(table.locator('[data-cause=late_rows]')).toContainText(CAUSES.late_rows);
  await expect(table).toContainText('Fanvue refused our token. Reconnect first.');
  // Who can't be compared by totals at all may be one more.
  await expect(table.locator('tfoot')).toContainText(/[23] of 4 compared/);
  await page.getByText('Show 1 row').first().click();
  await expect(page.getByTestId('parked').first()).toBeVisible();
  await expect(page.getByTestId('repair')).toHaveCount(2);
  await expect(page.getByTestId('sync-strip')).toContainText('Syncing all creators');
  await take('troubles', 'Needs attention: 1 mismatch, 1 cannot be checked');
  await page.getByRole('button', { name: /^Syncing/ }).first().click();
  await expect(page.getByRole('dialog')).toContainText('A sync is already running');
  await take('sync-running', 'A sync is already running. Showing its progress.');
};
