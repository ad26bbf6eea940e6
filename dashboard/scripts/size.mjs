// What a first visit loads, compressed as it is sent, against what it may be.

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const KIB = 1024;
const dist = new URL('../dist/', import.meta.url);
const read = (file) => readFileSync(new URL(file, dist));
const packed = (file) => gzipSync(read(file), { level: 9 }).length;

/** The scripts that the document names, and those they can't run without. */
function scripts() {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    const needs = read(file).toString().matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+\.js)"/g);
    for (const [, name] of needs) visit(`assets/${name}`);
  };
  for (const [, file] of read('index.html').toString().matchAll(/<script[^>]+src="\/([^"]+)"/g)) visit(file);
  return [...found];
}

const assets = readdirSync(new URL('assets/', dist)).map((name) => `assets/${name}`);
const ending = (end) => assets.filter((file) => file.endsWith(end));
const sum = (files, size) => files.reduce((total, file) => total + size(file), 0);

const budgets = [
  { what: 'JavaScript, first load', bytes: sum(scripts(), packed), max: 115 },
  { what: 'JavaScript, all views', bytes: sum(ending('.js'), packed), max: 130 },
  { what: 'CSS', bytes: sum(ending('.css'), packed), max: 8 },
  { what: 'font', bytes: sum(ending('.woff2'), (file) => read(file).length), max: 50 },
];
for (const { what, bytes, max } of budgets) console.log(`${what}: ${(bytes / KIB).toFixed(1)} of ${max} KiB`);
if (budgets.some(({ bytes, max }) => bytes === 0 || bytes > max * KIB)) {
  console.error('too large, or missing');
  process.exit(1);
}
