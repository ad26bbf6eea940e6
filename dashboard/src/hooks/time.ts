// One ticker for the whole page. It stands still while nobody looks, and knows the time again at
// once when somebody does.

import { useDeferredValue, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { serverNow } from '../lib/clock';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = serverNow();

function tick() {
  now = serverNow();
  for (const listener of listeners) listener();
}

function follow() {
  clearInterval(timer);
  timer = undefined;
  if (listeners.size === 0 || document.hidden) return;
  tick();
  timer = setInterval(tick, 1000);
}

document.addEventListener('visibilitychange', follow);

function subscribe(listener: () => void) {
  listeners.add(listener);
  if (timer === undefined) follow();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) follow();
  };
}

/** The server's time in milliseconds, as of at most a second ago. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** Busy, for the eye: not for what is over in 150 ms, and never for less than 600. */
export function useCalmBusy(isBusy: boolean): boolean {
  const [shown, setShown] = useState(false);
  const since = useRef(0);
  useEffect(() => {
    const rest = since.current + 600 - Date.now();
    const wait = isBusy ? 150 : Math.max(0, rest);
    const timeout = setTimeout(() => {
      if (isBusy) since.current = Date.now();
      setShown(isBusy);
    }, wait);
    return () => clearTimeout(timeout);
  }, [isBusy]);
  return shown;
}

let wasPainted = false;

/**
 * False while the money is painted for the first time, alone, and true from then on: charts and tables are
 * drawn when the figures that everybody came for are there to be read.
 */
export function useLater(): boolean {
  const isLater = useDeferredValue(true, wasPainted);
  useEffect(() => {
    if (isLater) wasPainted = true;
  }, [isLater]);
  return isLater;
}

/**
 * How it stands with what is below something whose height nobody knows before it is here: it waits for that, but so many milliseconds at
 * most, because it would jump else; and is drawn a moment later.
 */
export function useBelow(isAboveHere: boolean, atMost: number): 'waits' | 'comes' | 'stands' {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timeout = setTimeout(() => setLate(true), atMost);
    return () => clearTimeout(timeout);
  }, [atMost]);
  const isNext = isAboveHere || isLate;
  const isDrawn = useDeferredValue(isNext, false);
  if (!isNext) return 'waits';
  return isDrawn ? 'stands' : 'comes';
}

export function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      addEventListener('online', listener);
      addEventListener('offline', listener);
      return () => {
        removeEventListener('online', listener);
        removeEventListener('offline', listener);
      };
    },
    () => navigator.onLine,
  );
}
