// Days and instants as text. A day has no zone and is never shifted; an instant is always shown in
// the agency's zone, whatever zone the browser is in.

import type { Day, Instant, Period } from '../api';
import { serverNow } from './clock';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

function noon(day: Day): Date {
  return new Date(`${day}T12:00:00Z`);
}

/** `21 Nov`, or `21 Nov 2025` where the year has to be said. */
export function day(date: Day, withYear = false): string {
  const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
  if (withYear) options.year = 'numeric';
  return short(format('UTC', options).format(noon(date)));
}

/** `November 2026` in short: `Nov 2026`. */
export function month(date: Day): string {
  return short(format('UTC', { month: 'short', year: 'numeric' }).format(noon(date)));
}

/** `Sat 21 Nov 2026`. */
export function longDay(date: Day): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;
  return short(format('UTC', options).format(noon(date)).replace(',', ''));
}

// en-GB alone among the months writes four letters.
function short(text: string): string {
  return text.replace('Sept', 'Sep');
}

/** Whether a day is not of the year that it is in `zone`: then its year has to be said. */
export function isOfOtherYear(date: Day, zone: string, now = serverNow()): boolean {
  return date.slice(0, 4) !== dayIn(now, zone).slice(0, 4);
}

/** `23 Oct to 21 Nov`, `1 to 7 Nov`, `24 Nov 2025 to 23 Nov 2026`; of another year than now `1 to 7 Nov 2025`. */
export function span(from: Day, to: Day, zone: string, now = serverNow()): string {
  if (from === to) return day(from, true);
  if (from.slice(0, 4) !== to.slice(0, 4)) return `${day(from, true)} to ${day(to, true)}`;
  const end = day(to, isOfOtherYear(to, zone, now));
  if (from.slice(0, 7) === to.slice(0, 7)) return `${Number(from.slice(8))} to ${end}`;
  return `${day(from)} to ${end}`;
}

/** How a point of the chart is called on the axis. */
export function tick(date: Day, bucket: Period['bucket']): string {
  return bucket === 'month' ? month(date) : day(date);
}

/** The days of a point in full. */
export function pointDays(from: Day, to: Day): string {
  return from === to ? longDay(from) : `${day(from)} to ${day(to, true)}`;
}

/** `14:02`. */
export function time(at: Instant | number, zone: string): string {
  return format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
}

/** `20 Nov, 00:01`; of another year than now `20 Nov 2025, 00:01`. */
export function moment(at: Instant | number, zone: string, now = serverNow()): string {
  const date = dayIn(Number(new Date(at)), zone);
  return `${day(date, isOfOtherYear(date, zone, now))}, ${time(at, zone)}`;
}

/** `14:02` where that is today, else `20 Nov, 14:02`: for what is mostly of today. */
export function instant(at: Instant | number, zone: string, now = serverNow()): string {
  const isToday = dayIn(Number(new Date(at)), zone) === dayIn(now, zone);
  return isToday ? time(at, zone) : moment(at, zone, now);
}

/** The day it is in `zone`, as `2026-11-21`. */
export function dayIn(at: number, zone: string): Day {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const parts = format(zone, options).formatToParts(new Date(at));
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** Days later, by the calendar. */
export function plusDays(date: Day, days: number): Day {
  const at = noon(date);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Whether it is a day of the calendar at all. */
export function isDay(text: string | null): text is Day {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = noon(text);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** How many days a range has, both ends included. */
export function dayCount(from: Day, to: Day): number {
  return Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000) + 1;
}

/** `just now`, `2m ago`, `3h ago`, `4d ago`. */
export function ago(seconds: number): string {
  if (seconds < 60) return 'just now';
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h ago`;
  return `${Math.floor(seconds / 86_400)}d ago`;
}
