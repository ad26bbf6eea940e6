// What can't wait for the program: the theme, before the first paint, so that nobody who chose the dark is shown the light first;
// the first question, so that its answer is there when the program is, `src/first.ts` takes it; of that answer the one figure that
// everybody came for; and the program of another view than the overview, which is else asked for by the program itself.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // No storage: the system's theme it is.
}
{
  const asked = new URLSearchParams(location.search);
  const [, creator] = /^\/creators\/([\w-]+)$/.exec(location.pathname) ?? [];
  // Own days are the program's to judge.
  const isPlain = !asked.has('from') && !asked.has('to');
  if (isPlain && (creator || location.pathname === '/' || location.pathname === '/sync')) {
    const range = asked.get('range');
    const words = {
      agencyId: asked.get('agency'), modelId: creator,
      timeRange: ['7d', '30d', '90d', '1y', 'all'].includes(range) ? range : '30d',
    };
    const known = Object.entries(words).filter(([, word]) => word);
    const url = `/api/analytics/dashboard?${new URLSearchParams(known)}`;
    // A tab that is restored, or gone back to, is else given what the browser kept, unasked, however old.
    const answer = fetch(url, { headers: { accept: 'application/json, text/csv' }, credentials: 'same-origin', cache: 'no-cache' });
    // Whoever takes it is told of a failure; where nobody does, it is none.
    answer.then(paint).catch(() => {});
    globalThis.firstQuestion = { url, sentAt: Date.now(), answer };
  }
  const view = creator ? 'creator' : location.pathname === '/sync' ? 'sync' : 'overview';
  for (const href of document.currentScript?.dataset[view]?.split(' ') ?? []) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href, crossOrigin: '' }));
  }
}

/**
 * Writes the gross revenue where the program will, as the program will, while that is on its way: a sum that the server told a moment
 * ago, or none. Nobody says here how fresh it is, nor keeps it up to date: without a program it is taken away again.
 */
async function paint(answer) {
  if (!answer.ok || location.pathname === '/sync') return;
  const { models, currency, kpiMetrics } = await answer.clone().json();
  const cents = kpiMetrics.totalRevenueCents;
  // The program's own skeletons, which are in a `main` with a name, may be of other days by now.
  const place = document.querySelector('#root > main:not([id]) [data-testid="skeletons"] > .card');
  if (models.length === 0 || currency !== 'USD' || !Number.isSafeInteger(cents) || !place) return;
  const [, whole, rest] = /^(\d+)(\d\d)$/.exec(String(Math.abs(cents)).padStart(3, '0'));
  const skeletons = [...place.children];
  const figure = document.getElementById('figure').content.cloneNode(true);
  figure.querySelector('p').textContent = `${cents < 0 ? '−' : ''}$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${rest}`;
  place.replaceChildren(figure);
  setTimeout(() => place.replaceChildren(...skeletons), 20_000);
}
