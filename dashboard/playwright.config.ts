import { existsSync } from 'node:fs';

import { defineConfig } from '@playwright/test';

// The system's Chromium, so that no browser has to be downloaded.
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  reporter: [['list']],
  use: {
    locale: 'en-US',
    // Another zone than the agency's, so that whoever mixes them up is caught.
    timezoneId: 'America/Los_Angeles',
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--font-render-hinting=none', '--force-color-profile=srgb',
      ],
    },
  },
});
