// What the server answers, and the one way to ask it. The types are made of the API's own description
// (`schema.d.ts`); here they only get the names that the page knows them by.

import { takeFirst } from './first';
import type { components, paths } from './schema';
import { bearer, noteAnswer } from './session';

type Schemas = components['schemas'];

/**
 * An answer without the decimals beside the cents: money is an integer of cents everywhere here, and
 * nothing on the page can calculate with anything else.
 */
export type InCents<T> = T extends readonly (infer One)[]
  ? InCents<One>[]
  : T extends object
    ? { [K in keyof T as IsDecimal<K, keyof T> extends true ? never : K]: InCents<T[K]> }
    : T;
type IsDecimal<Name, All> = Name extends string
  ? string extends Name ? false : `${Name}Cents` extends All ? true : false
  : false;

export type Category = Schemas['Category'];
export const CATEGORIES = [
  'subscriptions', 'renewals', 'messages', 'tips', 'posts', 'referrals', 'other', 'refunds',
] as const satisfies readonly Category[];

/** A civil day, `2026-11-21`: never shifted to another zone. */
export type Day = string;
/** An instant in UTC, RFC 3339. */
export type Instant = string;

export type Figures = InCents<Schemas['Figures']>;
export type KpiMetrics = InCents<Schemas['KpiMetrics']>;
export type Point = InCents<Schemas['ChartPoint']>;
export type CategorySum = InCents<Schemas['CategorySum']>;
export type State = Schemas['CreatorState'];
export type Creator = InCents<Schemas['CreatorCard']>;
export type Freshness = Schemas['Freshness'];
export type Period = Schemas['Period'];
export type DashboardAnswer = InCents<Schemas['Dashboard']>;
/** The answer, and when the server last said that it holds: by the server's clock, in milliseconds. */
export type Dashboard = DashboardAnswer & { toldAt: number };

export type Row = InCents<Schemas['Transaction']>;
export type OpenSale = InCents<Schemas['ProvisionalSale']>;
export type Transactions = InCents<Schemas['TransactionPage']>;

export type Connection = Schemas['Connection'];
export type Job = Schemas['Job'];
export type JobCreator = Schemas['JobCreator'];
export type Plan = Schemas['SyncPlan'];
export type Status = Schemas['SyncStatus'];
export type Stream = Schemas['SyncStream'];
export type Diagnosis = Schemas['RevenueDiagnosis'];
export type Diagnosed = Schemas['CreatorDiagnosis'];
export type Difference = Schemas['RevenueDifference'];
/** A receipt of what the nightly proof put right. */
export type Repair = Schemas['Repair'];

/** Why there is no answer. `status` is 0 where nothing answered at all. */
export class Refusal extends Error {
  readonly code: string;
  readonly detail: string;
  readonly field: string | null;
  readonly requestId: string | null;
  /** The job that was asked for, where it ended a moment ago. */
  readonly jobId: string | null;

  constructor(
    readonly status: number,
    problem: Partial<Schemas['Problem']> | { code: string; detail: string },
    /** When asking again is allowed, in seconds from now; `null` where the server does not say. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    const told: Partial<Omit<Schemas['Problem'], 'code'>> & { code?: string } = problem;
    const detail = told.detail ?? `The server answered ${status}.`;
    super(detail);
    this.name = 'Refusal';
    this.code = told.code ?? 'unknown';
    this.detail = detail;
    this.field = told.field ?? null;
    this.requestId = told.requestId ?? null;
    this.jobId = told.jobId ?? null;
  }
}

/** The code of a refusal that nobody gave: there was no answer in time. */
export const TOO_LATE = 'too_late';

type Method = 'get' | 'post';
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;
/** The paths that a method is answered at. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: [Operation<P, M>] extends [never] ? never : P;
}[keyof paths];
type Parameters<P extends keyof paths, M extends Method> = Operation<P, M> extends { parameters: infer All } ? All : never;
type Part<P extends keyof paths, M extends Method, Where extends string> =
  Parameters<P, M> extends { [W in Where]?: infer Part } ? ([NonNullable<Part>] extends [never] ? unknown : NonNullable<Part>) : unknown;
/** What may be asked of a path, by name: in its query, or in braces in it. */
export type AskedOf<P extends keyof paths, M extends Method> = Part<P, M, 'query'> & Part<P, M, 'path'>;
type Json<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<P extends keyof paths, M extends Method> = Operation<P, M> extends { responses: infer All } ? All : never;
/** What a good answer holds: of every 200 and 202 that is JSON. */
export type BodyOf<P extends keyof paths, M extends Method> =
  InCents<Json<Responses<P, M>[keyof Responses<P, M> & (200 | 202)]>>;

export type Answer<T> = {
  body: T;
  /** The `Date` of the answer and our clock around it, in milliseconds; for `lib/clock`. */
  date: number | null;
  sentAt: number;
  receivedAt: number;
};

/** Where to ask. What stands in braces in `path` is taken from `params`; what is `undefined` or `false` is not sent. */
export function address(path: keyof paths, params: object): string {
  const query = new URLSearchParams();
  let place: string = path;
  for (const [name, value] of Object.entries(params)) {
    if (place.includes(`{${name}}`)) place = place.replace(`{${name}}`, encodeURIComponent(String(value)));
    else if (value) query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${place}?${text}` : place;
}

/**
 * One GET. The browser itself sends `If-None-Match` where an answer had an `ETag`, and hands over
 * the kept body when the server answers 304. It never hands over one that the server was not asked about: in a
 * tab that is restored, or gone back to, it would by default (`cache`).
 */
export async function get<P extends PathOf<'get'>>(
  path: P, params: AskedOf<P, 'get'>, signal?: AbortSignal, limit = LIMIT,
): Promise<Answer<BodyOf<P, 'get'>>> {
  const url = address(path, params as object);
  return inTime(limit, signal, async (signal) => read(await send(url, { signal })));
}

/** One POST. Parameters stand in the query; there is no body. */
export async function post<P extends PathOf<'post'>>(
  path: P, params: AskedOf<P, 'post'>, signal?: AbortSignal,
): Promise<BodyOf<P, 'post'>> {
  const url = address(path, params as object);
  const ask = async (signal: AbortSignal) => read<BodyOf<P, 'post'>>(await send(url, { method: 'POST', signal }));
  return (await inTime(LIMIT_POST, signal, ask)).body;
}

/** How long an answer is waited for, in milliseconds: who waits for ever never says that the figures are old. */
const LIMIT = 20_000;
/** What changes something may have to ask Fanvue first. */
const LIMIT_POST = 60_000;

/** What `ask` answers within `limit` milliseconds, its body included; else it is given up. */
async function inTime<T>(limit: number, signal: AbortSignal | undefined, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const given = new AbortController();
  const leave = () => given.abort(signal?.reason);
  const late = () => given.abort(new Refusal(0, { code: TOO_LATE, detail: 'The server did not answer.' }));
  // The first question was asked by others, who can't be stopped: hence a race.
  const over = new Promise<never>((_, reject) => {
    given.signal.addEventListener('abort', () => reject(given.signal.reason as Error));
  });
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave);
  const timer = setTimeout(late, limit);
  try {
    return await Promise.race([over, ask(given.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}

type Sent = { response: Response; sentAt: number };

async function read<T>({ response, sentAt }: Sent): Promise<Answer<T>> {
  const body = (await response.json().catch(() => {
    const unreadable = { code: 'unreadable', detail: 'The answer could not be read.' };
    throw new Refusal(response.status, { ...unreadable, ...reference(response) });
  })) as T;
  const date = Date.parse(response.headers.get('date') ?? '');
  return { body, date: Number.isNaN(date) ? null : date, sentAt, receivedAt: Date.now() };
}

/** A request whose answer is good, or a {@link Refusal}. */
export async function send(
  url: string, { method = 'GET', signal }: { method?: string; signal?: AbortSignal | undefined } = {},
): Promise<Sent> {
  const headers: Record<string, string> = { accept: 'application/json, text/csv' };
  const token = bearer();
  if (token) headers['authorization'] = `Bearer ${token}`;
  const first = method === 'GET' && !token ? takeFirst(url) : undefined;
  const sentAt = first?.sentAt ?? Date.now();
  let response: Response;
  try {
    const asked: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-cache', signal: signal ?? null };
    response = await (first?.answer ?? fetch(url, asked));
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Refusal(0, { code: 'no_answer', detail: 'The server did not answer.' });
  }
  if (!response.ok) throw await refusal(response);
  noteAnswer();
  return { response, sentAt };
}

async function refusal(response: Response): Promise<Refusal> {
  const problem = (await response.json().catch(() => null)) as Partial<Schemas['Problem']> | null;
  const seconds = Number(response.headers.get('retry-after') ?? '');
  return new Refusal(response.status, { ...reference(response), ...problem }, seconds > 0 ? seconds : null);
}

function reference(response: Response): { requestId?: string } {
  const requestId = response.headers.get('x-request-id');
  return requestId === null ? {} : { requestId };
}

export const PATHS = {
  dashboard: '/api/analytics/dashboard',
  transactions: '/api/analytics/transactions',
  export: '/api/analytics/export.csv',
  live: '/api/analytics/live',
  connections: '/api/auth/fanvue/connections',
  login: '/api/auth/fanvue/login',
  refresh: '/api/auth/fanvue/refresh',
  forceSync: '/api/fanvue/force-sync-revenue',
  diagnose: '/api/fanvue/diagnose-revenue',
  jobs: '/api/sync/jobs',
  job: '/api/sync/jobs/{id}',
  repairs: '/api/sync/repairs',
  status: '/api/sync/status',
} as const satisfies Record<string, keyof paths>;
