import { defineConfig } from '@playwright/test';

import usual from './playwright.config';

// What is run by hand: the pictures of the documents, and how fast a first visit is.
export default defineConfig({ ...usual, testMatch: process.env['TOOL'] ?? 'none', workers: 1 });
