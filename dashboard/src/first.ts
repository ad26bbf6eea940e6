// The question that `public/first.js` asked while the program was on its way.

export type FirstQuestion = { url: string; sentAt: number; answer: Promise<Response> };

declare global {
  var firstQuestion: FirstQuestion | undefined;
}

/** For how long its answer is news, in milliseconds. */
const GOOD_FOR = 20_000;

/** It, for whoever asks just that; once. */
export function takeFirst(url: string): FirstQuestion | undefined {
  const first = globalThis.firstQuestion;
  if (first?.url !== url) return undefined;
  globalThis.firstQuestion = undefined;
  return Date.now() - first.sentAt < GOOD_FOR ? first : undefined;
}
