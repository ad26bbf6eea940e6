// Where the marks of the charts stand. Pixels may be fractions; the cents they come from are not.

import { scaleBand, scaleLinear } from 'd3-scale';
import { area, line, stack, stackOffsetDiverging, stackOrderNone } from 'd3-shape';

import { CATEGORIES, type Category, type Point } from '../api';
import { cents } from './categories';

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
  const series = stack<unknown, Point, Category>()
    .keys(keys)
    .value(cents)
    .order(stackOrderNone)
    .offset(stackOffsetDiverging)(points);
  const before = compare ? points.map((point) => point.previousTotalCents) : [];
  const ends = series.flatMap((one) => one.flatMap(([low, high]) => [low, high]));
  const all = [0, ...ends, ...before.filter((value) => value !== null)];
  const most = Math.max(...all);
  const domain = [Math.min(...all), most <= 0 && Math.min(...all) === 0 ? 10_000 : most];
  const y = scaleLinear(domain, [height - MARGIN.bottom, MARGIN.top]).nice(5);
  const x = scaleBand(points.map((_, index) => index), [MARGIN.left, width - MARGIN.right])
    .paddingInner(points.length > 60 ? 0.1 : 0.22)
    .paddingOuter(0.1);
  const bars = points.map((point, index) => ({
    x: x(index) ?? 0,
    width: x.bandwidth(),
    point,
    index,
    blocks: series.flatMap((one) => {
      const [low, high] = one[index] ?? [0, 0];
      const height = y(low) - y(high);
      return low === high ? [] : [{ category: one.key, y: y(high), height }];
    }),
  }));
  return {
    bars,
    zero: y(0),
    ticks: y.ticks(5).map((value) => ({ cents: value, y: y(value) })),
    labels: labels(points.length, x.step(), width).map((index) => ({
      index,
      x: (x(index) ?? 0) + x.bandwidth() / 2,
    })),
    previous: previous(before, (index) => (x(index) ?? 0) + x.bandwidth() / 2, y),
    step: x.step(),
  };
}

function previous(
  before: (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  const path = line<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x(index))
    .y((value) => y(value ?? 0));
  return path(before) ?? '';
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
  const y = scaleLinear([least, most === least ? least + 1 : most], [height - 1.5, 1.5]);
  const x = scaleLinear([0, Math.max(1, values.length - 1)], [0, width]);
  const points = values.length === 1 ? [values[0] ?? 0, values[0] ?? 0] : values;
  return {
    line: line<number>((_, index) => x(index), (value) => y(value))(points) ?? '',
    area: area<number>((_, index) => x(index), y(0), (value) => y(value))(points) ?? '',
  };
}
