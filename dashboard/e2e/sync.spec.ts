// Force Sync: asked for, watched, found again, and what came of it. Each has a world of its own, because what
// was read to its end is not read again for five minutes.

import { disconnect, unseen } from './acts';
import { confirmedSync } from './acts-sync';
import { severalWays, story } from './story';
import { expect, test, World } from './world';

test('a sync is confirmed, watched, found again after a reload, and its end is told', async ({ page }) => {
  test.setTimeout(150_000);
  const world = await World.start();
  try {
    await confirmedSync(page, world, unseen);
  } finally {
    await world.stop();
  }
});

test('what was missing is named, and a sync from there brings it', async ({ page }) => {
  test.setTimeout(150_000);
  const world = await World.start();
  try {
    const before = await world.settle();
    await world.prove();
    const creator = before.models[0];
    // It shows later than anybody looks back, and no webhook tells of it.
    await world.sim('settings', { webhooks: { lossPercent: 100 } });
    const at = new Date(Date.now() - 20 * 24 * 3_600_000).toISOString();
    await world.sim('sales', { creator: creator?.fanvueUserUuid, grossCents: 64_99, netCents: 51_99, source: 'tip', currency: 'USD', at });
    await page.goto(`${world.url}/sync`);
    const row = page.getByTestId('reconciled').filter({ hasText: creator?.name ?? '' });
    await expect(row).toContainText('Mismatch');
    await row.getByRole('button', { name: /^Compare row by row/ }).first().click();
    await expect(row).toContainText('Not the cause: ');
    await expect(row).toContainText('−$64.99');
    await row.getByRole('button', { name: `Sync ${creator?.name}` }).first().click();
    const dialog = page.getByRole('dialog', { name: `Sync ${creator?.name}` });
    await expect(dialog).toContainText(`Reads the whole history of ${creator?.name}`);
    await dialog.getByRole('button', { name: 'Start sync' }).click();
    await expect(dialog).toContainText('Sync finished · 1 new transaction', { timeout: 60_000 });
    await expect(dialog).toContainText('Revenue changed by $64.99.');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await expect(row).not.toContainText('Mismatch');
    await expect(page.getByTestId('job-row').first()).toContainText('1 new transaction');
    await page.goto(`${world.url}/?range=all`);
    const { grossCents } = await world.sim<{ grossCents: number }>('truth');
    await expect(page.getByTestId('gross')).toHaveAttribute('data-cents', String(grossCents));
    expect(grossCents).toBe(before.kpiMetrics.totalRevenueCents + 64_99);
  } finally {
    await world.stop();
  }
});

test('five thousand are shown, thirteen were earned: why, and what to press', async ({ page }) => {
  test.setTimeout(180_000);
  const world = await World.start({ creators: 2, days: 30 });
  try {
    await story(page, world, async () => {});
  } finally {
    await world.stop();
  }
});

test('the same sum lost in three ways at once: each is named with its cents, and one sync brings it all', async ({ page }) => {
  test.setTimeout(180_000);
  const world = await World.start({ creators: 2, days: 30 });
  try {
    await severalWays(page, world, async () => {});
  } finally {
    await world.stop();
  }
});

test('whoever can’t be read is named before a sync, and there is a way back after it', async ({ page }) => {
  test.setTimeout(150_000);
  const world = await World.start();
  try {
    await world.settle();
    await disconnect(world, 4);
    await page.goto(world.url);
    await page.getByRole('button', { name: 'Force sync' }).click();
    const dialog = page.getByRole('dialog', { name: 'Force sync' });
    await expect(dialog).toContainText('4 creators need reconnecting first.');
    await expect(dialog.getByRole('button', { name: 'Start sync' })).toHaveCount(0);
    await dialog.getByRole('link', { name: 'See connections' }).click();
    await expect(page.getByTestId('connection').getByRole('button', { name: 'Reconnect' })).toBeVisible();
  } finally {
    await world.stop();
  }
});
