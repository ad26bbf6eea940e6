// The audience over time: lines that are broken where nobody was counted, and by how much they changed.

import type { Point } from '../api';
import { growth } from './delta';
import { linear, path } from './scale';

export type Line = 'subscribers' | 'followers';

export type Course = {
  /** The newest count; `null` where there is none in these days. */
  newest: number | null;
  /** Since the oldest count in these days, in tenths of a per cent. */
  change: number | null;
  /** How many counts there are: one alone is no course. */
  counts: number;
};

export function course(points: Point[], line: Line): Course {
  const known = points.map((point) => point[line]).filter((value) => value !== null);
  const [oldest, newest] = [known[0], known.at(-1)];
  const isCompared = known.length > 1 && oldest !== undefined && newest !== undefined;
  return { newest: newest ?? null, change: isCompared ? growth(newest, oldest) : null, counts: known.length };
}

/** People who came and went; `null` unless all days of the range are told. */
export function moves(points: Point[]): { came: number; went: number } | null {
  let [came, went] = [0, 0];
  for (const point of points) {
    if (point.newSubscribers === null || point.cancelledSubscribers === null) return null;
    came += point.newSubscribers;
    went += point.cancelledSubscribers;
  }
  return points.length > 0 ? { came, went } : null;
}

/** The line as a path, and where each count stands. Its axis does not begin at zero: it shows the course. */
export function drawn(points: Point[], line: Line, { width, height }: { width: number; height: number }) {
  const known = points.map((point) => point[line]).filter((value) => value !== null);
  if (known.length === 0) return { path: '', dots: [] };
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const isFlat = least === most;
  const y = linear(isFlat ? [least - 1, most + 1] : [least, most], [height - 4, 4]);
  const x = linear([0, Math.max(1, points.length - 1)], [2, width - 2]);
  const places = points.map((point, index) => {
    const value = point[line];
    return value === null ? null : { x: x(index), y: y(value) };
  });
  // A count between two gaps has no line to stand on.
  const dots = places.filter((place, index) => place && !places[index - 1] && !places[index + 1]).filter((place) => place !== null);
  return { path: path(places), dots };
}
