// A whole Heartbeat of its own for each worker: the real program, its database, a simulated Fanvue.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { test as base, expect } from '@playwright/test';

import type { Connection, DashboardAnswer, Job, Status, Transactions } from '../src/api';

const BINARY = process.env['HEARTBEAT'] ?? new URL('../../target/debug/heartbeat', import.meta.url).pathname;

type Options = { creators?: number; days?: number; settings?: object };

export class World {
  private constructor(
    readonly url: string,
    private readonly simulator: string,
    readonly secret: string,
    private readonly folder: string,
    private readonly child: ReturnType<typeof spawn>,
  ) {}

  /** `settings` are the simulated Fanvue's; our schedule begins to read at once. */
  static async start({ creators = 4, days = 120, settings = {} }: Options = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'heartbeat-e2e-'));
    const words = ['--port', '0', '--sim-port', '0', '--creators', `${creators}`, '--days', `${days}`, '--no-page'];
    const env: NodeJS.ProcessEnv = { ...process.env };
    for (const name of ['DATABASE_URL', 'TOKEN_KEYS']) delete env[name];
    const child = spawn(BINARY, ['dev', ...words, '--data-dir', folder], {
      env, stdio: ['ignore', 'pipe', 'ignore'],
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`heartbeat dev ended with ${code}`)));
      child.stdout.once('data', (text: Buffer) => resolve(text.toString()));
    });
    const [, url, , simulator, , secret] = line.trim().split(' ');
    const world = new World(url ?? '', simulator ?? '', secret ?? '', folder, child);
    await world.sim('settings', { liveSalesPerHour: 0, ...settings });
    return world;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGINT');
    await ended;
    this.database('stop', '--force', '--erase');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** `heartbeat db …` on this world's database. */
  database(...words: string[]): void {
    spawnSync(BINARY, ['db', ...words, '--data-dir', this.folder], { stdio: 'ignore' });
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch(path);
    expect(response.status, path).toBe(200);
    return (await response.json()) as T;
  }

  fetch(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: { authorization: `Bearer ${this.secret}` } });
  }

  dashboard(query = ''): Promise<DashboardAnswer> {
    return this.get(`/api/analytics/dashboard${query}`);
  }

  transactions(query = ''): Promise<Transactions> {
    return this.get(`/api/analytics/transactions${query}`);
  }

  async connections(): Promise<Connection[]> {
    return (await this.get<{ connections: Connection[] }>('/api/auth/fanvue/connections')).connections;
  }

  async jobs(): Promise<Job[]> {
    return (await this.get<{ jobs: Job[] }>('/api/sync/jobs')).jobs;
  }

  status(): Promise<Status> {
    return this.get('/api/sync/status');
  }

  /** Tells the simulated Fanvue to do something, or asks it. */
  async sim<T = unknown>(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
    const response = await fetch(`${this.simulator}/sim/${path}`, {
      method, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${path}: ${response.status}`).toBe(true);
    return (await response.json()) as T;
  }

  /** The world's time: others may have let hours pass in it. */
  async now(): Promise<Date> {
    return new Date((await this.sim<{ now: string }>('time', { advanceSeconds: 0 })).now);
  }

  tick(): Promise<unknown> {
    return this.get('/api/cron/revenue-heartbeat');
  }

  /**
   * Until the audience of everybody is counted. Nobody's is asked for in the two minutes after the first history,
   * and a long list waits for requests that Fanvue grants by the minute: those minutes pass here, not for us.
   */
  async counted(): Promise<DashboardAnswer> {
    for (let minutes = 0; minutes < 20; minutes += 1) {
      await this.get('/api/cron/daily-refresh');
      const shown = await this.dashboard();
      if (shown.models.every((one) => one.subscribers !== null && one.followers !== null)) return shown;
      await this.sim('time', { advanceSeconds: 60 });
      await this.tick();
    }
    throw new Error('the audiences were not counted in time');
  }

  /** Until every history is read, by the proof too, and what was sold is booked. */
  async settle(): Promise<DashboardAnswer> {
    for (let tries = 0; tries < 60; tries += 1) {
      await this.tick();
      const shown = await this.dashboard('?timeRange=all');
      const isRead = shown.models.every((one) => one.asOf !== null) && shown.kpiMetrics.provisionalCount === 0;
      if (isRead && (await this.jobs()).every((one) => one.endedAt !== null)) return shown;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    throw new Error('the histories were not read in time');
  }

  /** The night's proof, now: between one and six o'clock the world's own schedule would begin it in the midst of a test. */
  async prove(): Promise<void> {
    for (let tries = 0; tries < 60; tries += 1) {
      const { unfinished } = await this.get<{ unfinished: number }>('/api/cron/reconcile');
      const jobs = await this.jobs();
      if (unfinished === 0 && jobs.length > 0 && jobs.every((one) => one.endedAt !== null)) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    throw new Error('the proof was not done in time');
  }

  /** For whoever compares two answers: not shortly before they change by themselves, each five minutes, midnight among them. */
  async calm(): Promise<void> {
    const left = 300 - (((await this.now()).getTime() / 1_000) % 300);
    if (left < 30) await this.sim('time', { advanceSeconds: Math.ceil(left) + 1 });
    // What is renewed or taken back meanwhile is booked.
    await this.settle();
  }
}

/** A world that is read to the end, proved, and sells nothing; tests that share it leave it so. */
export const test = base.extend<{ consoleErrors: string[] }, { world: World }>({
  world: [
    async ({}, use) => {
      const world = await World.start();
      try {
        await world.settle();
        await world.prove();
        await use(world);
      } finally {
        await world.stop();
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ world }, use) => use(world.url),
  consoleErrors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        // Refused requests are told by the page itself.
        const isNetwork = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !isNetwork) errors.push(message.text());
      });
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The digits of an amount as the page shows it, as cents. */
export function cents(text: string): number {
  const digits = Number(text.replace(/[^0-9]/g, ''));
  return text.includes('−') ? -digits : digits;
}
