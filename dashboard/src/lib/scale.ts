// From values to pixels, and paths through them. The few lines that charts here need of a library.

/** From `[low, high]` of values to `[from, to]` of pixels. */
export type Linear = (value: number) => number;

export function linear([low, high]: [number, number], [from, to]: [number, number]): Linear {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

/** Round whole steps, of 1, 2 or 5 times a power of ten, of which about `count` lie between `low` and `high`. */
export function step(low: number, high: number, count: number): number {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const rest = rough / power;
  const factor = rest >= Math.sqrt(50) ? 10 : rest >= Math.sqrt(10) ? 5 : rest >= Math.SQRT2 ? 2 : 1;
  return Math.max(1, factor * power);
}

/** An axis that begins and ends at round values: these, and all of them between. `low` is below `high`. */
export function axis(low: number, high: number, count: number): { low: number; high: number; ticks: number[] } {
  let by = step(low, high, count);
  // Ends that were moved may be so far apart that larger steps fit better.
  for (let tries = 0; tries < 4; tries += 1) {
    const better = step(Math.floor(low / by) * by, Math.ceil(high / by) * by, count);
    if (better === by) break;
    by = better;
  }
  const first = Math.floor(low / by);
  const last = Math.ceil(high / by);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * by);
  return { low: first * by, high: last * by, ticks };
}

/** Bars side by side: `inner` is the part of a step that stays free between two, `outer` before the first. */
export function band(count: number, [from, to]: [number, number], inner: number, outer: number) {
  const wide = (to - from) / Math.max(1, count - inner + outer * 2);
  return { step: wide, width: wide * (1 - inner), x: (index: number) => from + wide * (outer + index) };
}

type Place = { x: number; y: number };

const pixel = (value: number): number => Math.round(value * 100) / 100;

/** A line through places, broken where there is none. */
export function path(places: (Place | null)[]): string {
  return places
    .map((place, index) => (place === null ? '' : `${places[index - 1] ? 'L' : 'M'}${pixel(place.x)},${pixel(place.y)}`))
    .join('');
}

/** What lies between a line and the height `base`. */
export function surface(places: Place[], base: number): string {
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return '';
  return `${path(places)}L${pixel(last.x)},${pixel(base)}L${pixel(first.x)},${pixel(base)}Z`;
}
