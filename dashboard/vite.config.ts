import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// `npm run dev` beside `cargo dev`: the page from here, the figures from there.
const API = process.env['API'] ?? 'http://127.0.0.1:3000';

/** Tells `public/first.js` of which files the views consist that are no part of a first visit to the overview. */
function views(): Plugin {
  const VIEWS = { creator: 'src/views/creator.tsx', sync: 'src/views/sync-health.tsx' };
  return {
    name: 'views',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
        const needed = (file: string, all = new Set<string>()): Set<string> => {
          const chunk = chunks.find((one) => one.fileName === file);
          if (!chunk || chunk.isEntry || html.includes(file) || all.has(file)) return all;
          all.add(file);
          for (const other of chunk.imports) needed(other, all);
          return all;
        };
        const told = Object.entries(VIEWS).map(([view, source]) => {
          const chunk = chunks.find((one) => one.facadeModuleId?.endsWith(source));
          if (!chunk) throw new Error(`${source} is no file of its own`);
          return ` data-${view}="${[...needed(chunk.fileName)].map((file) => `/${file}`).join(' ')}"`;
        });
        return html.replace('<script src="/first.js"', (tag) => tag + told.join(''));
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), views()],
  build: {
    target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false },
    // A file of its own is compiled by itself: a browser that is slow can do something else in between.
    rolldownOptions: { output: { codeSplitting: { groups: [
      { name: 'react', test: /node_modules\/(react-dom|react|scheduler)\//, priority: 1 },
      { name: 'shared', minShareCount: 2 },
    ] } } },
  },
  // A POST with a session is taken from the server's own pages only: here it comes from one.
  server: { host: '127.0.0.1', proxy: { '/api': { target: API, headers: { origin: new URL(API).origin } } } },
});
