// What the server answers, field by field, and the one way to ask it.
//
// Money is an integer of cents everywhere here; the decimals that the answers also hold are left
// out on purpose, so that nothing on the page can calculate with them. The end-to-end tests compare
// these types with real answers.

import { bearer, noteAnswer } from './session';

export const CATEGORIES = [
  'subscriptions', 'renewals', 'messages', 'tips', 'posts', 'referrals', 'other', 'refunds',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** A civil day, `2026-11-21`: never shifted to another zone. */
export type Day = string;
/** An instant in UTC, RFC 3339. */
export type Instant = string;

export type Figures = {
  totalRevenueCents: number;
  netRevenueCents: number;
  transactionCount: number;
  refundsCents: number;
  refundCount: number;
  tipAverageCents: number | null;
  averageTransactionCents: number | null;
  provisionalRevenueCents: number;
  provisionalCount: number;
};

export type KpiMetrics = Figures & {
  exact: boolean;
  /** Per cent, one decimal; `null` where there is nothing fair to compare with. */
  revenueGrowth: number | null;
  previous: Figures | null;
};

export type Point = { [C in Category as `${C}Cents`]: number } & {
  date: Day;
  endDate: Day;
  totalCents: number;
  netCents: number;
  transactionCount: number;
  previousTotalCents: number | null;
  partial: boolean;
  subscribers: number | null;
  followers: number | null;
  newSubscribers: number | null;
  cancelledSubscribers: number | null;
};

export type CategorySum = {
  category: Category;
  amountCents: number;
  netCents: number;
  transactionCount: number;
  previousAmountCents: number | null;
  percentage: number | null;
  sources: {
    source: string;
    amountCents: number;
    netCents: number;
    transactionCount: number;
    previousAmountCents: number | null;
  }[];
};

export type State = 'live' | 'syncing' | 'stale' | 'never' | 'disconnected';

export type Creator = {
  modelId: string;
  name: string;
  handle: string | null;
  fanvueUserUuid: string | null;
  totalCents: number;
  netCents: number;
  transactionCount: number;
  previousTotalCents: number | null;
  provisionalCents: number;
  sparkline: number[];
  subscribers: number | null;
  subscribersAsOf: Instant | null;
  followers: number | null;
  followersAsOf: Instant | null;
  statsAsOf: Instant | null;
  unreadMessages: number | null;
  unreadMessagesAsOf: Instant | null;
  postCount: number | null;
  postCountAsOf: Instant | null;
  likeCount: number | null;
  likeCountAsOf: Instant | null;
  asOf: Instant | null;
  confirmedAt: Instant | null;
  ageSeconds: number | null;
  state: State;
  exact: boolean;
  reason?: string;
  rowsSoFar: number;
  rejects: number;
  lastError: string | null;
};

export type Freshness = {
  generatedAt: Instant;
  newestAsOf: Instant | null;
  oldestAsOf: Instant | null;
  nextSyncAt: Instant | null;
  liveCount: number;
  syncingCount: number;
  disconnectedCount: number;
  total: number;
  exact: boolean;
  rejects: number;
};

export type Period = {
  from: Day;
  to: Day;
  bucket: 'day' | 'week' | 'month';
  partialLast: boolean;
  timezone: string;
  previous: { from: Day; to: Day; until: Instant | null } | null;
};

export type DashboardAnswer = {
  agency: { id: string; name: string };
  currency: string;
  timezone: string;
  period: Period;
  kpiMetrics: KpiMetrics;
  chartData: Point[];
  categoryBreakdown: CategorySum[];
  models: Creator[];
  freshness: Freshness;
  revision: number;
};

/** The answer, and when the server last said that it holds: by the server's clock, in milliseconds. */
export type Dashboard = DashboardAnswer & { toldAt: number };

export type Row = {
  id: string;
  fanvueTransactionId: string;
  orderId: string | null;
  modelId: string;
  modelName: string;
  date: Instant;
  day: Day;
  source: string;
  category: Category;
  status: string | null;
  amountCents: number;
  netCents: number;
  fanHandle: string | null;
  fanName: string | null;
  reverses: string | null;
  firstSeenAt: Instant;
  updatedAt: Instant;
  amended: boolean;
  absentSince: Instant | null;
};

export type OpenSale = {
  eventKey: string;
  orderId: string | null;
  modelId: string;
  modelName: string;
  date: Instant;
  day: Day;
  source: string;
  category: Category;
  amountCents: number;
  netCents: number | null;
  reverses: string | null;
  firstSeenAt: Instant;
  expiresAt: Instant;
};

export type Transactions = {
  agency: { id: string; name: string };
  currency: string;
  timezone: string;
  period: { from: Day; to: Day };
  transactions: Row[];
  provisional: OpenSale[];
  provisionalCut: boolean;
  nextCursor: string | null;
  generatedAt: Instant;
};

export type Connection = {
  id: string;
  agencyId: string;
  agencyName: string;
  kind: 'agency' | 'creator';
  accountUuid: string;
  accountHandle: string | null;
  state: 'active' | 'overdue' | 'revoked' | 'disconnected';
  creators: number;
  asOf: Instant | null;
  scopes: string[];
  missingScopes: { scope: string; neededFor: string }[];
  obtainedAt: Instant;
  expiresAt: Instant;
  owesCreators: boolean;
  refreshDueAt: Instant | null;
  lastError: string | null;
  remedy: { text: string; call: string } | null;
};

/** Why there is no answer. `status` is 0 where nothing answered at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field: string | null,
    readonly requestId: string | null,
  ) {
    super(detail);
    this.name = 'Refusal';
  }
}

export type Params = Record<string, string | undefined>;

export type Answer<T> = {
  body: T;
  /** The `Date` of the answer and our clock around it, in milliseconds; for `lib/clock`. */
  date: number | null;
  sentAt: number;
  receivedAt: number;
};

export function address(path: string, params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * One GET. The browser itself sends `If-None-Match` where an answer had an `ETag`, and hands over
 * the kept body when the server answers 304.
 */
export async function get<T>(path: string, params: Params, signal?: AbortSignal): Promise<Answer<T>> {
  const sentAt = Date.now();
  const response = await send(address(path, params), signal);
  const body = (await response.json().catch(() => {
    throw new Refusal(response.status, 'unreadable', 'The answer could not be read.', null, id(response));
  })) as T;
  const date = Date.parse(response.headers.get('date') ?? '');
  return { body, date: Number.isNaN(date) ? null : date, sentAt, receivedAt: Date.now() };
}

/** One GET whose answer is good, or a {@link Refusal}. */
export async function send(url: string, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json, text/csv' };
  const token = bearer();
  if (token) headers['authorization'] = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(url, { headers, credentials: 'same-origin', signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Refusal(0, 'no_answer', 'The server did not answer.', null, null);
  }
  if (!response.ok) throw await refusal(response);
  noteAnswer();
  return response;
}

async function refusal(response: Response): Promise<Refusal> {
  const problem = (await response.json().catch(() => null)) as Partial<{
    code: string; detail: string; field: string; requestId: string;
  }> | null;
  return new Refusal(
    response.status,
    problem?.code ?? 'unknown',
    problem?.detail ?? `The server answered ${response.status}.`,
    problem?.field ?? null,
    problem?.requestId ?? id(response),
  );
}

function id(response: Response): string | null {
  return response.headers.get('x-request-id');
}

export const PATHS = {
  dashboard: '/api/analytics/dashboard',
  transactions: '/api/analytics/transactions',
  export: '/api/analytics/export.csv',
  live: '/api/analytics/live',
  connections: '/api/auth/fanvue/connections',
  login: '/api/auth/fanvue/login',
} as const;
