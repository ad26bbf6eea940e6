// The filters above the figures. They all stand in the address.

import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';

import type { Creator } from '../api';
import { useHref } from '../hooks/page';
import { serverNow } from '../lib/clock';
import { dayIn, plusDays, span } from '../lib/dates';
import { RANGES, type Filters, type NamedRange, type Range } from '../lib/filters';
import { Dialog } from './parts';

const LABELS: Record<NamedRange, [string, string]> = {
  '7d': ['7 days', '7d'],
  '30d': ['30 days', '30d'],
  '90d': ['90 days', '90d'],
  '1y': ['12 months', '1y'],
  all: ['All time', 'All'],
};

export function CreatorSelect({ creators, current }: { creators: Creator[]; current?: string }) {
  const [, navigate] = useLocation();
  const href = useHref();
  const names = [...creators].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <select
      className={`control truncate ${current === undefined ? 'max-w-44' : 'w-44'}`}
      aria-label="Creator"
      value={current ?? ''}
      onChange={(event) => navigate(href(event.target.value ? `/creators/${event.target.value}` : '/'))}
    >
      <option value="">All creators</option>
      {names.map((one) => <option key={one.modelId} value={one.modelId}>{one.name}</option>)}
    </select>
  );
}

export function RangeControl({ filters, timezone, onChange }: {
  filters: Filters; timezone: string; onChange: (range: Range) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const own = 'name' in filters.range ? null : filters.range;
  return (
    <>
      <fieldset className="rounded-control border border-edge bg-surface p-0.5">
        <legend className="sr-only">Range</legend>
        <div className="flex h-[30px] items-stretch gap-0.5">
        {RANGES.map((name) => (
          <label
            key={name}
            className="grid cursor-pointer place-items-center rounded-[6px] px-2.5 text-meta font-medium text-mute
              hover:text-ink has-checked:bg-raised has-checked:text-ink has-focus-visible:outline-2
              has-focus-visible:outline-accent"
          >
            <input
              type="radio" name="range" className="sr-only" value={name}
              checked={'name' in filters.range && filters.range.name === name}
              onChange={() => onChange({ name })}
            />
            <span className="hidden sm:inline">{LABELS[name][0]}</span>
            <span className="sm:hidden" aria-hidden="true">{LABELS[name][1]}</span>
            <span className="sr-only sm:hidden">{LABELS[name][0]}</span>
          </label>
        ))}
        <button
          type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}
          className={`rounded-[6px] px-2.5 text-meta font-medium whitespace-nowrap
            ${own ? 'bg-raised text-ink' : 'text-mute hover:text-ink'}`}
        >
          {own ? <><span className="sr-only">Own range: </span>{span(own.from, own.to, timezone)}</> : 'Custom'}
        </button>
        </div>
      </fieldset>
      {isOpen && (
        <RangeDialog
          range={own} today={dayIn(serverNow(), timezone)} timezone={timezone}
          onClose={() => setOpen(false)} onChange={onChange}
        />
      )}
    </>
  );
}

function RangeDialog({ range, today, timezone, onClose, onChange }: {
  range: { from: string; to: string } | null; today: string; timezone: string; onClose: () => void;
  onChange: (range: Range) => void;
}) {
  const [from, setFrom] = useState(range?.from ?? plusDays(today, -29));
  const [to, setTo] = useState(range?.to ?? today);
  const isInverted = to < from;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isInverted) return;
    onClose();
    onChange({ from, to });
  };
  const field = 'mt-1 block w-full rounded-control border border-edge bg-surface px-3 py-2';
  return (
    <Dialog title="Own range" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="grid grid-cols-2 gap-3">
          <label className="text-meta text-mute">
            First day
            <input
              type="date" required className={`${field} text-ink`} value={from} min="2015-01-01" max={today}
              onChange={(event) => setFrom(event.target.value)}
            />
          </label>
          <label className="text-meta text-mute">
            Last day
            <input
              type="date" required className={`${field} text-ink`} value={to} min="2015-01-01" max={today}
              aria-invalid={isInverted} aria-describedby="range-note"
              onChange={(event) => setTo(event.target.value)}
            />
          </label>
        </div>
        <p id="range-note" className={`mt-3 text-meta ${isInverted ? 'text-neg' : 'text-mute'}`}>
          {isInverted ? 'The last day is before the first.' : `Both days are included. Days are those of ${timezone}.`}
        </p>
        <div className="mt-4 flex justify-end gap-2">
          <button type="button" className="control" onClick={onClose}>Cancel</button>
          <button type="submit" className="primary" disabled={isInverted}>Show</button>
        </div>
      </form>
    </Dialog>
  );
}
