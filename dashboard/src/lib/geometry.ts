// Where the marks of the charts stand. Pixels may be fractions; the cents they come from are not.

import { CATEGORIES, type Category, type Point } from '../api';
import { cents } from './categories';
import { axis, band, linear, path, surface, type Linear } from './scale';

export const MARGIN = { top: 12, right: 8, bottom: 28, left: 56 };

export type Block = { category: Category; y: number; height: number };
export type Bar = { x: number; width: number; blocks: Block[]; point: Point; index: number };
export type Layout = {
  bars: Bar[];
  /** Height of the zero line. */
  zero: number;
  ticks: { cents: number; y: number }[];
  labels: { x: number; index: number }[];
  /** The earlier period, as the path of a line; empty where there is none. */
  previous: string;
  step: number;
};

type Size = { width: number; height: number };

/** Stacked bars: what came in upwards, what was taken back downwards from zero. */
export function layout(
  points: Point[],
  shown: ReadonlySet<Category>,
  { width, height }: Size,
  compare: boolean,
): Layout {
  const keys = CATEGORIES.filter((category) => shown.has(category));
  const stacks = points.map((point) => stack(point, keys));
  const before = compare ? points.map((point) => point.previousTotalCents) : [];
  const ends = stacks.flatMap((one) => one.flatMap(({ low, high }) => [low, high]));
  const all = [0, ...ends, ...before.filter((value) => value !== null)];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const { low, high, ticks } = axis(least, most === least ? 10_000 : most, 5);
  const y = linear([low, high], [height - MARGIN.bottom, MARGIN.top]);
  const bars = band(points.length, [MARGIN.left, width - MARGIN.right], points.length > 60 ? 0.1 : 0.22, 0.1);
  const centre = (index: number) => bars.x(index) + bars.width / 2;
  return {
    bars: points.map((point, index) => ({
      x: bars.x(index),
      width: bars.width,
      point,
      index,
      blocks: stacks[index]?.map(({ category, low, high }) => ({ category, y: y(high), height: y(low) - y(high) })) ?? [],
    })),
    zero: y(0),
    ticks: ticks.map((value) => ({ cents: value, y: y(value) })),
    labels: labels(points.length, bars.step, width).map((index) => ({ index, x: centre(index) })),
    previous: previous(before, centre, y),
    step: bars.step,
  };
}

/** What came in, one upon the other; what was taken back, one below the other. */
function stack(point: Point, keys: Category[]): { category: Category; low: number; high: number }[] {
  let [above, below] = [0, 0];
  return keys.flatMap((category) => {
    const value = cents(point, category);
    if (value === 0) return [];
    const from = value > 0 ? above : below;
    if (value > 0) above += value;
    else below += value;
    return [{ category, low: Math.min(from, from + value), high: Math.max(from, from + value) }];
  });
}

function previous(before: (number | null)[], x: (index: number) => number, y: Linear): string {
  return path(before.map((value, index) => (value === null ? null : { x: x(index), y: y(value) })));
}

/** Which points have a label: as many as fit without touching, the first of them always. */
export function labels(count: number, step: number, width: number): number[] {
  const room = width < 480 ? 64 : 72;
  const every = Math.max(1, Math.ceil(room / Math.max(step, 1)));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

/** A small line with the surface under it, down to the zero line where values are below it. */
export function sparkline(values: number[], { width, height }: Size): { line: string; area: string } {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const y = linear([least, most === least ? least + 1 : most], [height - 1.5, 1.5]);
  const shown = values.length === 1 ? [values[0] ?? 0, values[0] ?? 0] : values;
  const x = linear([0, Math.max(1, shown.length - 1)], [0, width]);
  const places = shown.map((value, index) => ({ x: x(index), y: y(value) }));
  return { line: path(places), area: surface(places, y(0)) };
}
