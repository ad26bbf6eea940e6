// `npm run lighthouse`: what Lighthouse says of each view on its simulated slow phone, with the system's Chromium. Wants a quiet
// machine; not in the gate for that reason.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

import { chromium } from '@playwright/test';

import { CHROMIUM } from '../playwright.config';
import { expect, test } from './world';

const RUNS = 3;
const WANTED = { performance: 95, accessibility: 100, 'best-practices': 100 } as const;
type Category = keyof typeof WANTED;

/** The part of Lighthouse that is used here: it has a lock of its own beside the page's. */
type Audit = { id: string; score: number | null; numericValue?: number; title: string };
type Judged = { score: number | null; auditRefs: { id: string; weight: number }[] };
type Report = { categories: Record<Category, Judged>; audits: Record<string, Audit>; runtimeError?: { message: string } };
type Lighthouse = (url: string, flags: object) => Promise<{ lhr: Report } | undefined>;
const PLACE = new URL('../lighthouse/node_modules/lighthouse/core/index.js', import.meta.url).href;

const REPORTS = new URL('../test-results/lighthouse/', import.meta.url).pathname;
const FIGURES = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift', 'speed-index'];

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** One visit by somebody who was never here. */
async function visit(lighthouse: Lighthouse, url: string): Promise<Report> {
  const port = await freePort();
  const browser = await chromium.launch({
    ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', `--remote-debugging-port=${port}`],
  });
  try {
    const done = await lighthouse(url, {
      port, hostname: '127.0.0.1', logLevel: 'error', output: 'json', onlyCategories: Object.keys(WANTED), formFactor: 'mobile',
    });
    if (!done) throw new Error('Lighthouse said nothing');
    if (done.lhr.runtimeError) throw new Error(done.lhr.runtimeError.message);
    return done.lhr;
  } finally {
    await browser.close();
  }
}

function score(report: Report, category: Category): number {
  return Math.round((report.categories[category].score ?? 0) * 100);
}

/** What costs points, by name. */
function costs(report: Report, category: Category): string[] {
  const isLess = ({ id, weight }: { id: string; weight: number }) => weight > 0 && (report.audits[id]?.score ?? 1) < 1;
  return report.categories[category].auditRefs.filter(isLess).map(({ id }) => id);
}

test('lighthouse', async ({ world }) => {
  test.setTimeout(900_000);
  const { default: lighthouse } = (await import(PLACE)) as { default: Lighthouse };
  await world.counted();
  const creator = (await world.dashboard()).models[0]?.modelId ?? '';
  mkdirSync(REPORTS, { recursive: true });
  const summary: Record<string, unknown> = {};
  const failures: string[] = [];
  for (const [view, path] of [['overview', '/'], ['creator', `/creators/${creator}`], ['sync-health', '/sync']] as const) {
    const reports: Report[] = [];
    for (let run = 0; run < RUNS; run += 1) reports.push(await visit(lighthouse, world.url + path));
    reports.sort((a, b) => score(a, 'performance') - score(b, 'performance'));
    const median = reports[Math.floor(RUNS / 2)] as Report;
    writeFileSync(`${REPORTS}${view}.json`, JSON.stringify(median));
    const scores = Object.fromEntries((Object.keys(WANTED) as Category[]).map((one) => [one, score(median, one)])) as Record<Category, number>;
    const figures = Object.fromEntries(FIGURES.map((id) => [id, Math.round((median.audits[id]?.numericValue ?? 0) * 1_000) / 1_000]));
    summary[view] = { ...scores, runs: reports.map((one) => score(one, 'performance')), ...figures };
    for (const one of Object.keys(WANTED) as Category[]) {
      if (scores[one] < WANTED[one]) failures.push(`${view}: ${one} ${scores[one]} of ${WANTED[one]}, for ${costs(median, one).join(', ')}`);
    }
  }
  console.log(JSON.stringify(summary, null, 2));
  expect(failures).toEqual([]);
});
