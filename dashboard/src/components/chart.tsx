// Revenue over time: stacked bars, what was taken back below zero, the earlier period as a line, the
// last bar hatched while its days are not over. By pointer, by keyboard, and for a screen reader.

import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { CATEGORIES, type Category, type Dashboard, type Point } from '../api';
import { cents, colour, NAMES } from '../lib/categories';
import { pointDays, span, tick } from '../lib/dates';
import { layout, MARGIN, type Layout } from '../lib/geometry';
import { compact, money, plural } from '../lib/money';

type Size = { width: number; height: number };
type Props = { data: Dashboard; compare: boolean };

export function RevenueChart({ data, compare }: Props) {
  const { chartData: points, currency, period } = data;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const { width, height } = size;
  const [hidden, setHidden] = useState<ReadonlySet<Category>>(new Set());
  const [active, setActive] = useState<number | null>(null);
  const present = useMemo(() => CATEGORIES.filter((one) => points.some((point) => cents(point, one) !== 0)), [points]);
  const chart = useMemo(() => {
    const shown = new Set(present.filter((one) => !hidden.has(one)));
    return width > 0 ? layout(points, shown, { width, height }, compare) : null;
  }, [points, present, hidden, width, height, compare]);
  const last = points.length - 1;
  const point = active === null ? undefined : points[Math.min(active, last)];
  const press = (event: KeyboardEvent) => {
    const to = moved(event.key, active, last);
    if (to === undefined) return;
    event.preventDefault();
    setActive(to);
  };
  return (
    <div className="flex flex-1 flex-col">
      <div
        ref={box} className="relative min-h-72 flex-1 rounded-control" tabIndex={0} role="group"
        aria-label={`Bar chart, ${describe(data)} Arrow keys go from point to point, Escape leaves.`}
        onKeyDown={press}
        onBlur={() => setActive(null)}
        onPointerLeave={() => setActive(null)}
        onPointerMove={(event) => {
          const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
          setActive(chart ? nearest(chart, left) : null);
        }}
        data-testid="chart"
      >
        {chart && <Picture chart={chart} data={data} size={size} active={active} />}
        {chart && point && active !== null && (
          <Tooltip point={point} compare={compare} currency={currency} chart={chart} index={active} width={width} />
        )}
      </div>
      <p className="sr-only" aria-live="polite" data-testid="chart-live">
        {point && spoken(point, currency, compare)}
      </p>
      <Legend present={present} hidden={hidden} compare={compare && period.previous !== null} onToggle={(one) => {
        const next = new Set(hidden);
        if (!next.delete(one)) next.add(one);
        setHidden(next);
      }} />
    </div>
  );
}

function Picture({ chart, data, size: { width, height }, active }: {
  chart: Layout; data: Dashboard; size: Size; active: number | null;
}) {
  const id = useId();
  const bar = active === null ? undefined : chart.bars[active];
  const bottom = height - MARGIN.bottom;
  return (
    <svg width={width} height={height} aria-hidden="true" className="absolute inset-0">
      <defs>
        <pattern id={`${id}hatch`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2.6" height="6" fill="var(--color-surface)" opacity="0.72" />
        </pattern>
        <pattern id={`${id}dots`} width="5" height="5" patternUnits="userSpaceOnUse">
          <circle cx="2.5" cy="2.5" r="1.1" fill="var(--color-surface)" />
        </pattern>
      </defs>
      {chart.ticks.map(({ cents, y }) => (
        <g key={cents}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y} y2={y}
            stroke={cents === 0 ? 'var(--color-edge)' : 'var(--color-line)'} />
          <text x={MARGIN.left - 10} y={y} dy="0.32em" textAnchor="end" fontSize="12" fill="var(--color-mute)"
            className="num">{compact(cents, data.currency)}</text>
        </g>
      ))}
      {bar && (
        <rect x={bar.x - (chart.step - bar.width) / 2} width={chart.step} y={MARGIN.top - 6}
          height={bottom - MARGIN.top + 6} fill="var(--color-raised)" rx="4" />
      )}
      {chart.bars.map(({ x, width, blocks, point, index }) => (
        <g key={index} data-bar={point.date}>
          {blocks.map(({ category, y, height }) => (
            <g key={category}>
              <rect x={x} y={y} width={width} height={Math.max(height - 1, 0.75)} fill={colour(category)} rx="1" />
              {category === 'other' && <rect x={x} y={y} width={width} height={height} fill={`url(#${id}dots)`} />}
              {point.partial && <rect x={x} y={y} width={width} height={height} fill={`url(#${id}hatch)`} data-partial />}
            </g>
          ))}
        </g>
      ))}
      {chart.previous && (
        <path d={chart.previous} fill="none" stroke="var(--color-mute)" strokeWidth="1.5" strokeDasharray="4 4" data-previous />
      )}
      {chart.labels.map(({ x, index }) => (
        <text key={index} x={x} y={height - 8} textAnchor={index === 0 ? 'start' : 'middle'} dx={index === 0 ? -8 : 0}
          fontSize="12" fill="var(--color-mute)" className="num">
          {tick(data.chartData[index]?.date ?? '', data.period.bucket)}
        </text>
      ))}
    </svg>
  );
}

function Tooltip({ point, compare, currency, chart, index, width }: {
  point: Point; compare: boolean; currency: string; chart: Layout; index: number; width: number;
}) {
  const bar = chart.bars[index];
  if (!bar) return null;
  const centre = bar.x + bar.width / 2;
  const isRight = centre > width / 2;
  const place = isRight ? { right: width - bar.x + 8 } : { left: bar.x + bar.width + 8 };
  const parts = [...CATEGORIES].reverse().filter((one) => cents(point, one) !== 0);
  return (
    <div
      className="card pointer-events-none absolute top-2 z-10 w-56 max-w-[70vw] p-3 text-meta shadow-lg" style={place}
      aria-hidden="true" data-testid="tooltip"
    >
      <p className="text-mute">{pointDays(point.date, point.endDate)}{point.partial && ' · so far'}</p>
      <p className="num mb-1 text-card font-semibold">{money(point.totalCents, currency)}</p>
      {parts.map((one) => (
        <p key={one} className="flex items-center gap-2">
          <Swatch category={one} />
          <span className="flex-1 text-mute">{NAMES[one]}</span>
          <span className="num">{money(cents(point, one), currency)}</span>
        </p>
      ))}
      <p className="mt-1 flex justify-between border-t border-line pt-1 text-mute">
        <span>Transactions</span><span className="num">{point.transactionCount}</span>
      </p>
      {compare && point.previousTotalCents !== null && (
        <p className="flex justify-between text-mute">
          <span>Previous</span><span className="num">{money(point.previousTotalCents, currency)}</span>
        </p>
      )}
    </div>
  );
}

function Legend({ present, hidden, compare, onToggle }: {
  present: Category[]; hidden: ReadonlySet<Category>; compare: boolean; onToggle: (one: Category) => void;
}) {
  return (
    <ul className="mt-3 flex flex-wrap gap-x-1 gap-y-0.5" aria-label="Categories in the chart">
      {present.map((one) => (
        <li key={one}>
          <button
            type="button" aria-pressed={!hidden.has(one)} onClick={() => onToggle(one)}
            className={`flex min-h-7 items-center gap-2 rounded-[6px] px-2 text-meta hover:bg-raised
              ${hidden.has(one) ? 'text-mute line-through' : ''}`}
          >
            <Swatch category={one} isOff={hidden.has(one)} /> {NAMES[one]}
          </button>
        </li>
      ))}
      {compare && (
        <li className="flex min-h-7 items-center gap-2 px-2 text-meta text-mute">
          <svg width="18" height="2" aria-hidden="true">
            <line x2="18" y1="1" y2="1" stroke="currentColor" strokeWidth="2" strokeDasharray="4 3" />
          </svg>
          Previous period
        </li>
      )}
    </ul>
  );
}

export function Swatch({ category, isOff = false }: { category: Category; isOff?: boolean }) {
  return (
    <i
      className="inline-block size-2.5 shrink-0 rounded-[3px]" aria-hidden="true"
      style={isOff
        ? { boxShadow: 'inset 0 0 0 1.5px var(--color-edge)' }
        : { background: colour(category) }}
    />
  );
}

function describe({ chartData, currency, period, kpiMetrics }: Dashboard): string {
  const best = chartData.reduce((a, b) => (b.totalCents > a.totalCents ? b : a), chartData[0] as Point);
  const words = { day: 'day', week: 'week', month: 'month' }[period.bucket];
  return `revenue by ${words}, ${span(period.from, period.to, period.timezone)}, ${money(kpiMetrics.totalRevenueCents, currency)} `
    + `in all. The best ${words} was ${pointDays(best.date, best.endDate)} with ${money(best.totalCents, currency)}.`;
}

function spoken(point: Point, currency: string, compare: boolean): string {
  const parts = CATEGORIES.filter((one) => cents(point, one) !== 0)
    .map((one) => `${NAMES[one]} ${money(cents(point, one), currency)}`);
  const before = compare && point.previousTotalCents !== null
    ? ` Previous period ${money(point.previousTotalCents, currency)}.`
    : '';
  return `${pointDays(point.date, point.endDate)}${point.partial ? ', so far' : ''}: `
    + `${money(point.totalCents, currency)}, ${plural(point.transactionCount, 'transaction')}. `
    + `${parts.join(', ')}.${before}`;
}

/** Where a key leads; `undefined` for a key that means nothing here. */
function moved(key: string, active: number | null, last: number): number | null | undefined {
  switch (key) {
    case 'ArrowRight': return Math.min(last, (active ?? -1) + 1);
    case 'ArrowLeft': return Math.max(0, (active ?? last + 1) - 1);
    case 'Home': return 0;
    case 'End': return last;
    case 'Escape': return null;
    default: return undefined;
  }
}

function nearest({ bars, step }: Layout, left: number): number | null {
  const index = bars.findIndex((bar) => left >= bar.x - step / 2 && left < bar.x + bar.width + step / 2);
  const first = bars[0];
  if (index < 0 || !first) return null;
  const start = first.x - (step - first.width) / 2;
  return Math.max(0, Math.min(bars.length - 1, Math.floor((left - start) / step)));
}

/** How large the box is, as the browser tells: whoever asks for it makes it lay out the page at once, and a slow phone wait. */
function useSize(box: React.RefObject<HTMLDivElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(([told]) => {
      if (!told) return;
      const now = { width: Math.floor(told.contentRect.width), height: Math.floor(told.contentRect.height) };
      setSize((old) => (old.width === now.width && old.height === now.height ? old : now));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return size;
}
