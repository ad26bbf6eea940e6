// The frame: where one is, how it looks, which keys there are.

import { Component, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';

import { useDashboard } from '../hooks/data';
import { useFilters, useHref, useShortcuts } from '../hooks/page';
import { areKeysOn, turnKeys } from '../lib/choices';
import { plural } from '../lib/money';
import { bearer, keepSecret, onSecretChange } from '../session';
import { Icon } from './icons';
import { Blank, Dialog } from './parts';
import { SyncWindow } from './sync-button';

const KEYS: [string, string][] = [
  ['1 – 5', 'Range: 7, 30, 90 days, 12 months, all time'],
  ['X', 'Compare with the previous period'],
  ['T', 'Chart or table'],
  ['G then O', 'Overview'],
  ['G then S', 'Sync health'],
  ['← → Home End', 'In the chart: from point to point'],
  ['?', 'This list'],
];

export function Shell({ children }: { children: ReactNode }) {
  const [path, navigate] = useLocation();
  const href = useHref();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const hasSecret = useSyncExternalStore(onSecretChange, bearer) !== null;
  useShortcuts({
    '?': () => setHelpOpen(true),
    'g o': () => navigate(href('/')),
    'g s': () => navigate(href('/sync')),
  });
  // A new view begins at its top, for the eye and for a screen reader.
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo(0, 0);
    main.current?.focus();
  }, [path]);
  const tab = (to: string, isHere: boolean, name: string, badge?: ReactNode) => (
    <Link
      href={href(to)} aria-current={isHere ? 'page' : undefined}
      className={`relative inline-flex min-h-9 items-center rounded-control px-2.5 font-medium whitespace-nowrap sm:px-3
        ${isHere ? 'bg-raised text-ink' : 'text-mute hover:text-ink'}`}
    >
      {name}{badge}
    </Link>
  );
  const square = 'grid size-9 place-items-center rounded-control text-mute hover:bg-raised hover:text-ink';
  return (
    <>
      <a href="#main" className="primary sr-only z-20 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:grid focus:place-items-center focus:px-4">
        Skip to the figures
      </a>
      <header className="border-b border-line">
        <div className="mx-auto flex h-14 max-w-7xl items-center gap-1 px-4">
          <Link href={href('/')} className="mr-1 flex items-center gap-2 text-[16px] sm:mr-3 font-semibold">
            <i className="size-3 rounded-full bg-accent" aria-hidden="true" />
            <span>Heartbeat</span>
          </Link>
          <nav aria-label="Main" className="flex gap-1">
            {tab('/', path === '/' || path.startsWith('/creators'), 'Overview')}
            {tab('/sync', path === '/sync', 'Sync health', <Troubles />)}
          </nav>
          <div className="ml-auto flex items-center">
            {hasSecret && (
              <button type="button" className="control mr-1 hidden sm:block" onClick={() => { keepSecret(null); location.reload(); }}>
                Sign out
              </button>
            )}
            <button type="button" className={`${square} max-sm:hidden`} aria-label="Keyboard shortcuts" aria-haspopup="dialog" onClick={() => setHelpOpen(true)}>
              <Icon name="help" size={20} />
            </button>
            <ThemeToggle className={square} />
          </div>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="mx-auto max-w-7xl px-4 pt-5 pb-16">
        <Boundary key={path}><SyncWindow>{children}</SyncWindow></Boundary>
      </main>
      {isHelpOpen && (
        <Dialog title="Keyboard shortcuts" onClose={() => setHelpOpen(false)}>
          <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-2.5">
            {KEYS.map(([key, what]) => (
              <div key={key} className="contents">
                <dt><kbd className="rounded-[5px] border border-edge px-1.5 py-0.5 font-sans text-meta whitespace-nowrap">{key}</kbd></dt>
                <dd className="text-mute">{what}</dd>
              </div>
            ))}
          </dl>
          <KeySwitch />
        </Dialog>
      )}
    </>
  );
}

/** Letters pressed by mistake, or heard by whoever speaks to the machine, must be able to do nothing. */
function KeySwitch() {
  const [isOn, setOn] = useState(areKeysOn);
  return (
    <label className="mt-5 flex min-h-6 items-center gap-2.5">
      <input
        type="checkbox" className="size-4 accent-accent" checked={isOn}
        onChange={(event) => {
          turnKeys(event.target.checked);
          setOn(event.target.checked);
        }}
      />
      Single keys do this
    </label>
  );
}

/** How many creators need somebody, where that is known already. */
function Troubles() {
  const [filters] = useFilters();
  const { data } = useDashboard(filters, undefined, false);
  const number = data?.models.filter((one) => one.state === 'disconnected' || one.rejects > 0).length ?? 0;
  if (number === 0) return null;
  return (
    <span className="num rounded-full border border-warnline bg-warnbg px-1.5 text-axis leading-4 text-warn max-sm:absolute max-sm:-top-1 max-sm:-right-1 sm:ml-1.5">
      <span aria-hidden="true">{number}</span>
      <span className="sr-only">, {plural(number, 'creator needs', 'creators need')} attention</span>
    </span>
  );
}

const THEMES = ['auto', 'light', 'dark'] as const;
const THEME_ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const;
const THEME_NAMES = { auto: 'as the system', light: 'light', dark: 'dark' };

function ThemeToggle({ className }: { className: string }) {
  const chosen = document.documentElement.dataset['theme'];
  const [theme, setTheme] = useState(THEMES.find((one) => one === chosen) ?? 'auto');
  const choose = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    setTheme(next);
    if (next === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // It lasts as long as the page, then.
    }
  };
  return (
    <button type="button" className={className} onClick={choose} title={`Theme: ${THEME_NAMES[theme]}`}
      aria-label={`Theme: ${THEME_NAMES[theme]}. Change`}>
      <Icon name={THEME_ICONS[theme]} size={18} />
    </button>
  );
}

/** A fault of ours costs the view, not the page. */
class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Blank icon="warning" title="This view could not be shown" action={
        <button type="button" className="primary" onClick={() => location.reload()}>Reload</button>
      }>
        Something on this page went wrong. The figures themselves are not affected.
      </Blank>
    );
  }
}
