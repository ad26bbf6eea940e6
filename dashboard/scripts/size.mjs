// What a first visit loads, compressed as it is sent, against what it may be.

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const KIB = 1024;
const BUDGETS = [
  { what: 'JavaScript', ends: ['.js'], max: 115 * KIB, isCompressed: true },
  { what: 'CSS', ends: ['.css'], max: 8 * KIB, isCompressed: true },
  { what: 'font', ends: ['.woff2'], max: 50 * KIB, isCompressed: false },
];

const dist = new URL('../dist/', import.meta.url);
const files = readdirSync(dist, { recursive: true }).map(String);
let isTooLarge = false;
for (const { what, ends, max, isCompressed } of BUDGETS) {
  const found = files.filter((file) => ends.some((end) => file.endsWith(end)));
  const bytes = found
    .map((file) => readFileSync(new URL(file, dist)))
    .reduce((sum, data) => sum + (isCompressed ? gzipSync(data, { level: 9 }).length : data.length), 0);
  const shown = (count) => `${(count / KIB).toFixed(1)} KiB`;
  console.log(`${what}: ${shown(bytes)} of ${shown(max)}`);
  isTooLarge ||= bytes > max || found.length === 0;
}
if (isTooLarge) {
  console.error('too large, or missing');
  process.exit(1);
}
