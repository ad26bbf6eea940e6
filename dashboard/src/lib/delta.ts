// By how much something changed, in tenths of a per cent, by the server's rule: halves away from
// zero, and nothing to say where there was nothing before.

/** `null` unless `before` is positive. */
export function growth(now: number, before: number | null): number | null {
  if (before === null || before <= 0) return null;
  if (!Number.isSafeInteger(now) || !Number.isSafeInteger(before)) return null;
  const dividend = (BigInt(now) - BigInt(before)) * 1000n;
  const divisor = BigInt(before);
  const size = dividend < 0n ? -dividend : dividend;
  const tenths = Number((size * 2n + divisor) / (divisor * 2n));
  return dividend < 0n ? -tenths : tenths;
}

/** Per cent with one decimal, as the server sends it, in tenths. */
export function tenths(percentage: number): number {
  return Math.round(percentage * 10);
}

/** A ratio with at most two decimals, which is no money: `3.5`, `0.75`. */
export function ratio(number: number): string {
  return String(Math.round(number * 100) / 100);
}
