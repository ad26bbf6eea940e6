// Nobody is shut out: what is checked wherever there is something to see.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect } from './world';

export async function accessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`), what).toEqual([]);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(sideways, what).toBeLessThanOrEqual(0);
  expect(await page.getByRole('heading', { level: 1 }).count(), what).toBe(1);
}
