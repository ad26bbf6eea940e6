import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev` beside `cargo dev`: the page from here, the figures from there.
const API = process.env['API'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // A POST with a session is taken from the server's own pages only: here it comes from one.
  server: { host: '127.0.0.1', proxy: { '/api': { target: API, headers: { origin: new URL(API).origin } } } },
});
