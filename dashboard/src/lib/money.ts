// Amounts as text. Cents are integers and stay integers: whole and rest are taken apart by remainder,
// so no amount passes through a fraction.

const MINUS = '−';
// Fanvue's own is known by heart: the first formatter of a page costs a slow phone a tenth of a second.
const symbols = new Map([['USD', '$']]);

/** `1,234,567`, of an integer. */
function thousands(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

function symbol(currency: string): string {
  let found = symbols.get(currency);
  if (found === undefined) {
    const parts = new Intl.NumberFormat('en-US', {
      style: 'currency', currency, currencyDisplay: 'narrowSymbol',
    }).formatToParts(0);
    found = parts.find((part) => part.type === 'currency')?.value ?? `${currency} `;
    symbols.set(currency, found);
  }
  return found;
}

/** `$1,234.05`, `−$0.50`. An amount beyond 2^53 cents can't be told exactly, so it isn't told. */
export function money(cents: number, currency: string): string {
  if (!Number.isSafeInteger(cents)) return '—';
  const amount = Math.abs(cents);
  const rest = amount % 100;
  const whole = thousands((amount - rest) / 100);
  return `${cents < 0 ? MINUS : ''}${symbol(currency)}${whole}.${String(rest).padStart(2, '0')}`;
}

const UNITS = [
  { cents: 100_000_000_000, letter: 'B' },
  { cents: 100_000_000, letter: 'M' },
  { cents: 100_000, letter: 'K' },
] as const;

/** `$1.5K`, for the ticks of an axis, which are round numbers. */
export function compact(cents: number, currency: string): string {
  const amount = Math.abs(cents);
  const sign = `${cents < 0 ? MINUS : ''}${symbol(currency)}`;
  for (const { cents: unit, letter } of UNITS) {
    if (amount >= unit) return sign + hundredths(Math.round((amount * 100) / unit)) + letter;
  }
  return sign + hundredths(Math.round(amount));
}

function hundredths(number: number): string {
  const rest = number % 100;
  const whole = thousands((number - rest) / 100);
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(2, '0').replace(/0$/, '')}`;
}

export function count(number: number): string {
  return `${number < 0 ? MINUS : ''}${thousands(Math.abs(number))}`;
}

/** `−3.4%`, from tenths of a per cent. */
export function percent(tenths: number, signed = false): string {
  const amount = Math.abs(tenths);
  const rest = amount % 10;
  const sign = tenths < 0 ? MINUS : signed && tenths > 0 ? '+' : '';
  return `${sign}${thousands((amount - rest) / 10)}.${rest}%`;
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** What a fan paid, in the currency that they paid in; `null` where Fanvue told only part of that. */
export function paid(cents: number | null, currency: string | null): string | null {
  if (cents === null || currency === null || !/^[A-Z]{3}$/.test(currency)) return null;
  return `${money(cents, currency)} ${currency}`;
}
