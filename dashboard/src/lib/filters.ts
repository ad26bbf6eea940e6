// What is shown, as the address says it: a link to it shows the same.

import type { AskedOf, Day, PATHS } from '../api';
import { dayCount, isDay } from './dates';

export const RANGES = ['7d', '30d', '90d', '1y', 'all'] as const;
export type NamedRange = (typeof RANGES)[number];
export type Range = { name: NamedRange } | { from: Day; to: Day };

export const SORTS = ['revenue', 'name', 'change', 'freshness'] as const;
export type Sort = (typeof SORTS)[number];

export type Filters = {
  range: Range;
  agency: string | undefined;
  compare: boolean;
  table: boolean;
  sort: Sort;
};

const RANGE: NamedRange = '30d';

export function parse(search: string): Filters {
  const query = new URLSearchParams(search);
  const [from, to, name] = [query.get('from'), query.get('to'), query.get('range')];
  const own = isDay(from) && isDay(to) && from <= to ? { from, to } : null;
  return {
    range: own ?? { name: member(RANGES, name) ?? RANGE },
    agency: query.get('agency') ?? undefined,
    compare: query.get('compare') !== 'off',
    table: query.get('view') === 'table',
    sort: member(SORTS, query.get('sort')) ?? 'revenue',
  };
}

/** The query of the page's address; what is usual is left out. */
export function write(filters: Filters): string {
  const { range } = filters;
  const query = new URLSearchParams();
  if (filters.agency) query.set('agency', filters.agency);
  if ('name' in range) {
    if (range.name !== RANGE) query.set('range', range.name);
  } else {
    query.set('from', range.from);
    query.set('to', range.to);
  }
  if (!filters.compare) query.set('compare', 'off');
  if (filters.table) query.set('view', 'table');
  if (filters.sort !== 'revenue') query.set('sort', filters.sort);
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** Whose figures of which days, as parameters of the server. */
export type Asked = AskedOf<typeof PATHS.dashboard, 'get'>;

export function params(filters: Filters, modelId?: string): Asked {
  const { range, agency: agencyId } = filters;
  const days = 'name' in range ? { timeRange: range.name } : { startDate: range.from, endDate: range.to };
  return { agencyId, modelId, ...days };
}

/** `vs previous 30 days`. */
export function comparison(filters: Filters): string {
  const { range } = filters;
  if ('name' in range) {
    const names = { '7d': '7 days', '30d': '30 days', '90d': '90 days', '1y': '12 months', all: '' };
    return `vs previous ${names[range.name]}`;
  }
  const days = dayCount(range.from, range.to);
  return days === 1 ? 'vs the day before' : `vs previous ${days} days`;
}

function member<T extends string>(words: readonly T[], word: string | null): T | undefined {
  return words.find((one) => one === word);
}
