// Subscribers and followers over time, each on a scale of its own: side by side they would flatten one another.

import type { Dashboard, Point } from '../api';
import { course, drawn, moves, type Line } from '../lib/audience';
import { span } from '../lib/dates';
import { count, plural } from '../lib/money';
import { Card, Delta } from './parts';

const SIZE = { width: 260, height: 72 };
const LINES: [Line, string, string][] = [
  ['subscribers', 'Subscribers', 'var(--c-renewals)'], ['followers', 'Followers', 'var(--c-messages)'],
];

export default function Audience({ data }: { data: Dashboard }) {
  const { chartData: points, period } = data;
  const moved = moves(points);
  return (
    <Card title="Audience" note={`Counted in Fanvue’s lists, ${span(period.from, period.to, period.timezone)} · separate scales`}>
      <div className="grid gap-6 sm:grid-cols-2" data-testid="audience">
        {LINES.map(([line, name, colour]) => <Course key={line} points={points} line={line} name={name} colour={colour} />)}
      </div>
      {moved && (
        <p className="num mt-4 text-meta text-mute" data-testid="moves">
          {plural(moved.came, 'new subscription')}, {count(moved.went)} ended in this range.
        </p>
      )}
    </Card>
  );
}

function Course({ points, line, name, colour }: { points: Point[]; line: Line; name: string; colour: string }) {
  const { newest, change, counts } = course(points, line);
  const picture = drawn(points, line, SIZE);
  const known = points.map((point) => point[line]).filter((value) => value !== null);
  return (
    <div className="min-w-0">
      <h3 className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-meta font-normal text-mute">{name}</span>
        <span>
          <span className="num text-[16px] font-semibold" data-testid={line}>{newest === null ? '—' : count(newest)}</span>{' '}
          {newest !== null && <Delta tenths={change} none={counts < 2 ? 'first count' : 'nothing before'} />}
        </span>
      </h3>
      {newest === null
        ? <p className="mt-2 text-meta text-mute">Not counted in these days.</p>
        : (
          <svg
            viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" className="mt-2 block w-full" height={SIZE.height}
            role="img" aria-label={`${name}: ${counts < 2 ? count(newest) : `from ${count(known[0] ?? 0)} to ${count(newest)}, `
              + `between ${count(Math.min(...known))} and ${count(Math.max(...known))}`}.`}
          >
            <path d={picture.path} fill="none" stroke={colour} strokeWidth="2" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
            {picture.dots.map(({ x, y }) => (
              <path
                key={x} d={`M${x - 0.01},${y}h0.02`} fill="none" stroke={colour} strokeWidth="5" strokeLinecap="round"
                vectorEffect="non-scaling-stroke"
              />
            ))}
          </svg>
        )}
    </div>
  );
}
