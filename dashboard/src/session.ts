// Who is asking. Normally a session cookie that no script can read; where a server has no sign-in,
// the operator's secret, which lives in this variable until the tab is closed, and nowhere else.

let secret: string | null = null;
let wasAnswered = false;
const listeners = new Set<() => void>();

export function bearer(): string | null {
  return secret;
}

export function keepSecret(given: string | null): void {
  secret = given;
  for (const listener of listeners) listener();
}

export function onSecretChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Somebody was signed in here. */
export function noteAnswer(): void {
  wasAnswered = true;
}

export function hadSession(): boolean {
  return wasAnswered;
}
