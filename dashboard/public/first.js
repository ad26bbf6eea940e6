// What can't wait for the program: the theme, before the first paint, so that nobody who chose the dark is shown the light first;
// and the first question, so that its answer is there when the program is. `src/first.ts` takes it.
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
    answer.catch(() => {});
    globalThis.firstQuestion = { url, sentAt: Date.now(), answer };
  }
}
