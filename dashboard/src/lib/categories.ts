// The categories: their names, their order in a stack, and the rows' sources.

import { CATEGORIES, type Category, type Point } from '../api';

export const NAMES: Record<Category, string> = {
  subscriptions: 'Subscriptions',
  renewals: 'Renewals',
  messages: 'Messages',
  tips: 'Tips',
  posts: 'Posts',
  referrals: 'Referrals',
  other: 'Other',
  refunds: 'Refunds',
};

/** A CSS colour; the tokens know light from dark. */
export function colour(category: Category): string {
  return `var(--c-${category})`;
}

/** A category that this build doesn't know is shown as "Other", never dropped. */
export function known(category: string): Category {
  return CATEGORIES.find((one) => one === category) ?? 'other';
}

export function cents(point: Point, category: Category): number {
  return point[`${category}Cents`];
}

const SOURCES: Record<string, string> = {
  affiliate: 'Affiliate', appStore: 'App store', chargeback: 'Chargeback',
  checkoutLink: 'Checkout link', fanExperience: 'Fan experience', giveaway: 'Giveaway',
  mediaLink: 'Media link', message: 'Message', post: 'Post', referral: 'Referral', refund: 'Refund',
  renewal: 'Renewal', subscription: 'Subscription', tip: 'Tip',
};

export function sourceName(source: string): string {
  return SOURCES[source] ?? `Other (${source})`;
}
