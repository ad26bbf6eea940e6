// The address and the keyboard.

import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';

import { areKeysOn } from '../lib/choices';
import { parse, write, type Filters } from '../lib/filters';

/** What is shown, from the address, and how to show something else. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filters = parse(search);
  const change = useCallback(
    (changed: Partial<Filters>) => {
      navigate(path + write({ ...parse(search), ...changed }), { replace: true });
    },
    [navigate, path, search],
  );
  return [filters, change];
}

/** The address of another view with the same filters. */
export function useHref(): (path: string) => string {
  const search = useSearch();
  return (path) => path + write(parse(search));
}

export type Shortcuts = Record<string, () => void>;

/**
 * Keys for what is on the page: `1`, `x`, `?`, or two after each other, `g o`. They are nobody's while
 * something is typed, a dialog is open or another key is held; and where somebody turned them off, as whoever speaks to the
 * machine may have to.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  // Not after the paint: whoever sees the page may press a key.
  useLayoutEffect(() => {
    let before = '';
    const press = (event: KeyboardEvent) => {
      if (!areKeysOn()) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      const key = event.key.toLowerCase();
      const action = current.current[`${before} ${key}`] ?? current.current[key];
      before = key === 'g' ? 'g' : '';
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'radio';
  return target.isContentEditable || target.matches('select, textarea');
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Heartbeat`;
  }, [title]);
}
