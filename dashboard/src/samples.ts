// Answers for tests: small, whole, and of the types that the API describes. Nothing of the page imports this.

import {
  CATEGORIES, type Category, type Creator, type Dashboard, type Diagnosed, type Diagnosis, type Difference, type Job, type JobCreator,
  type OpenSale, type Point, type Repair, type Row, type Status,
} from './api';

export const AT = '2026-11-20T09:30:00Z';

export function aPoint(given: Partial<Point> = {}): Point {
  const cents = Object.fromEntries(CATEGORIES.map((name) => [`${name}Cents`, 0])) as { [C in Category as `${C}Cents`]: number };
  return {
    ...cents, date: '2026-11-20', endDate: '2026-11-20', totalCents: 0, netCents: 0, transactionCount: 0, previousTotalCents: null,
    partial: false, subscribers: null, followers: null, newSubscribers: null, cancelledSubscribers: null, ...given,
  };
}

export function aCreator(given: Partial<Creator> = {}): Creator {
  return {
    modelId: 'm', name: 'Lina Hart', handle: 'linahart', fanvueUserUuid: 'u', totalCents: 800, netCents: 640, transactionCount: 3,
    previousTotalCents: 400, provisionalCents: 0, sparkline: [1, 2, 3], subscribers: 5, subscribersAsOf: AT, followers: 7, followersAsOf: AT,
    statsAsOf: AT, unreadMessages: null, unreadMessagesAsOf: null, postCount: null, postCountAsOf: null, likeCount: null, likeCountAsOf: null,
    asOf: AT, confirmedAt: AT, ageSeconds: 60, state: 'live', exact: true, rowsSoFar: 3, rejects: 0, lastError: null, ...given,
  };
}

export function aDashboard(given: Partial<Dashboard> = {}): Dashboard {
  const figures = {
    totalRevenueCents: 800, netRevenueCents: 640, transactionCount: 3, refundsCents: -100, refundCount: 1, tipAverageCents: 200,
    averageTransactionCents: 300, provisionalRevenueCents: 0, provisionalCount: 0, payingFans: 2, newFans: 1, arpuCents: 400, goldenRatio: 3.5,
  };
  return {
    agency: { id: 'a', name: 'Lumen' }, currency: 'USD', timezone: 'Europe/Rome', revision: 1, toldAt: Date.parse(AT),
    period: {
      from: '2026-11-18', to: '2026-11-20', bucket: 'day', partialLast: true, timezone: 'Europe/Rome',
      previous: { from: '2026-11-15', to: '2026-11-17', until: null },
    },
    kpiMetrics: { ...figures, exact: true, revenueGrowth: 100, ltvCents: null, previous: { ...figures, newFans: 2 } },
    chartData: [aPoint({ subscribers: 4, tipsCents: 800, totalCents: 800 }), aPoint({ date: '2026-11-19' }), aPoint({ subscribers: 5 })],
    categoryBreakdown: [{
      category: 'tips', amountCents: 800, netCents: 640, transactionCount: 3, previousAmountCents: 400, percentage: 100, sources: [],
    }],
    models: [aCreator()],
    freshness: {
      generatedAt: AT, newestAsOf: AT, oldestAsOf: AT, nextSyncAt: null, liveCount: 1, syncingCount: 0, disconnectedCount: 0, total: 1,
      exact: true, rejects: 0,
    },
    ...given,
  };
}

export const ROW: Row = {
  id: '1', fanvueTransactionId: 'key-1', orderId: 'order-1', modelId: 'm', modelName: 'Lina Hart', date: '2026-11-20T10:00:00Z',
  day: '2026-11-20', source: 'tip', category: 'tips', status: 'pendingBalance', amountCents: 1_500, netCents: 1_200, fanId: null,
  fanHandle: null, fanName: null, messageId: null, postId: null, paidCents: null, currency: null, reverses: null,
  firstSeenAt: '2026-11-20T10:05:00Z', updatedAt: '2026-11-20T10:05:00Z', amended: false, absentSince: null,
};

export const SALE: OpenSale = {
  eventKey: 'event-1', orderId: null, modelId: 'm', modelName: 'Lina Hart', date: '2026-11-20T10:00:00Z', day: '2026-11-20', source: 'tip',
  category: 'tips', amountCents: 1_500, netCents: null, reverses: null, fanId: null, firstSeenAt: '2026-11-20T10:00:01Z',
  expiresAt: '2026-11-23T10:00:00Z',
};

export function aPart(given: Partial<JobCreator> = {}): JobCreator {
  return {
    modelId: 'm', name: 'Lina Hart', state: 'queued', percent: 0, rows: 0, newRows: 0, addedCents: 0, pages: 0, requests: 0,
    pausedUntil: null, reason: null, endedAt: null, ...given,
  };
}

export function aJob(given: Partial<Job> = {}): Job {
  return {
    id: 'j', agencyId: 'a', modelId: null, askedBy: null, state: 'running', message: '', percent: 43, etaSeconds: null, pausedUntil: null,
    reason: null, creatorsDone: 2, creatorsTotal: 4, rows: 0, newRows: 14, addedCents: 0, pages: 0, requests: 0, begunAt: AT, endedAt: null,
    creators: [aPart(), aPart({ modelId: 'n', name: 'Maya Rossi', state: 'reading' })], ...given,
  };
}

export function aDifference(given: Partial<Difference> = {}, kind: Difference['remedy']['kind'] = 'force_sync', call: string | null = null): Difference {
  return {
    cause: 'late_rows', meaning: 'Rows came late.', day: null, cents: 0, rowCount: null, rows: [], figures: {}, ruledOut: [],
    remedy: { kind, text: 'Do it.', call }, ...given,
  };
}

export function aDiagnosed(given: Partial<Diagnosed> = {}): Diagnosed {
  const sum = { cents: 800, rows: 3 };
  return {
    modelId: 'm', name: 'Lina Hart', result: 'match', message: 'All three agree to the cent.', shown: sum, rollup: sum, ledger: sum,
    fanvue: sum, daysByRow: 0, daysByTotal: 1, differenceCents: 0, differences: [], ...given,
  };
}

export function aDiagnosis(creators: Diagnosed[], at = AT): Diagnosis {
  return {
    agencyId: 'a', depth: 'totals', days: null, asked: { at, requests: 1, requestsMax: 100 }, shown: { cents: 800, rows: 3 },
    fanvue: null, differenceCents: creators.reduce((sum, one) => sum + one.differenceCents, 0), creators,
  };
}

export function aStatus(given: Partial<Status> = {}): Status {
  return {
    agencyId: 'a', generatedAt: AT, needsAttention: false, message: '', oldestAsOf: AT,
    streams: [{
      modelId: 'm', name: 'Lina Hart', connectionId: 'c', state: 'live', asOf: AT, confirmedAt: AT, triedAt: AT, attempts: 0,
      lastError: null, lastErrorAt: null, nextSyncAt: null, pausedUntil: null,
    }],
    audience: [{ kind: 'subscribers', streams: 1, unread: 0, retrying: 0, parked: 0, oldestAsOf: AT }],
    audienceTroubles: [],
    proof: { creatorsCompared: 1, oldestComparedAt: AT, differences: [] },
    connections: [{
      id: 'c', agencyId: 'a', agencyName: 'Lumen', kind: 'agency', accountUuid: 'u', accountHandle: 'lumen', state: 'active', creators: 1,
      asOf: AT, scopes: ['read:fan'], missingScopes: [], obtainedAt: AT, expiresAt: AT, owesCreators: false, refreshDueAt: null,
      lastError: null, remedy: null,
    }],
    parked: [], budgets: [], runningJobs: [], latestJobs: [], ...given,
  };
}

export function aRepair(given: Partial<Repair> = {}): Repair {
  return {
    id: 'r', modelId: 'm', modelName: 'Lina Hart', kind: 'rows', day: '2026-11-05', cause: 'missing_row', beforeCents: 0, afterCents: 77_777,
    beforeRows: 0, afterRows: 1, evidence: {}, repairedAt: AT, ...given,
  };
}
