// `npm run client`: the types of the API, made of its description. A unit test fails when the committed
// ones are others.

import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import openapi, { astToString } from 'openapi-typescript';

const SOURCE = new URL('../public/openapi.json', import.meta.url);
export const TARGET = new URL('../src/schema.d.ts', import.meta.url);

/** What belongs into `src/schema.d.ts`. */
export async function client() {
  const types = await openapi(JSON.parse(readFileSync(SOURCE, 'utf8')), { alphabetize: true });
  return `// Made by \`npm run client\` of public/openapi.json: change that, not this.\n\n${astToString(types)}`;
}

const isRun = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isRun) writeFileSync(TARGET, await client());
