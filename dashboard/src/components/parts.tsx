// Small parts that several views share.

import { useLayoutEffect, useRef, type ReactNode } from 'react';

import { Refusal } from '../api';
import { percent } from '../lib/money';
import { Icon } from './icons';

export function Card({ title, note, actions, children, className = '', id }: {
  title?: string; note?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string; id?: string;
}) {
  return (
    <section className={`card flex min-w-0 flex-col p-4 sm:p-5 ${className}`} id={id} aria-label={title}>
      {title && (
        <header className="mb-4 flex flex-wrap items-start justify-between gap-3">
          <div>
            <h2 className="text-card font-semibold">{title}</h2>
            {note && <p className="text-meta text-mute">{note}</p>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** A change: arrow, sign and word. `null` says why there is none. */
export function Delta({ tenths, against, none = 'New · no earlier data' }: {
  tenths: number | null; against?: string | undefined; none?: string | undefined;
}) {
  if (tenths === null) return <span className="text-meta text-mute">{none}</span>;
  const way = tenths > 0 ? 'up' : tenths < 0 ? 'down' : 'same';
  const look = { up: ['↑', 'text-pos'], down: ['↓', 'text-neg'], same: ['=', 'text-mute'] }[way];
  return (
    <span className="text-meta text-mute">
      <span className={`num whitespace-nowrap font-medium ${look[1]}`}>
        <span aria-hidden="true">{look[0]} </span>
        <span className="sr-only">{way === 'same' ? 'unchanged' : way} </span>
        {percent(tenths, true)}
      </span>
      {against && <> {against}</>}
    </span>
  );
}

/** What is said once when it comes; one that is `isQuiet` has within it what is said, and what changes all the time beside that. */
export function Notice({ tone, title, children, action, isQuiet = false }: {
  tone: 'warn' | 'plain'; title?: ReactNode; children?: ReactNode; action?: ReactNode; isQuiet?: boolean;
}) {
  const look = tone === 'warn' ? 'bg-warnbg border-warnline' : 'bg-surface border-line';
  return (
    <div
      role={isQuiet ? undefined : 'status'}
      className={`flex flex-wrap items-center gap-x-4 gap-y-3 rounded-card border px-4 py-3 ${look}`}
    >
      {tone === 'warn' && <span className="text-warn"><Icon name="warning" /></span>}
      <p className="min-w-0 flex-1 basis-52">
        {title && <strong className="font-semibold">{title} </strong>}
        <span className={tone === 'warn' ? '' : 'text-mute'}>{children}</span>
      </p>
      {action}
    </div>
  );
}

/** In place of what isn't there: what happened, what it means, what to do. */
export function Blank({ icon, title, children, action, reference }: {
  icon?: 'link' | 'warning' | 'table'; title: string; children?: ReactNode; action?: ReactNode;
  reference?: string | null | undefined;
}) {
  return (
    <section className="card flex flex-col items-center px-6 py-12 text-center" data-testid="blank">
      {icon && <span className="mb-3 text-mute"><Icon name={icon} size={24} /></span>}
      <h2 className="text-[16px] font-semibold">{title}</h2>
      {children && <div className="mt-2 max-w-md text-balance text-mute">{children}</div>}
      {action && <div className="mt-4">{action}</div>}
      {reference && <p className="mt-4 text-meta text-mute">Reference <code>{reference}</code></p>}
    </section>
  );
}

/** What an error proves, in words. */
export function cause(error: Error): string {
  if (!(error instanceof Refusal)) return 'Something on this page went wrong.';
  if (error.status === 0) return navigator.onLine ? 'The server did not answer.' : 'You are offline.';
  const text = error.detail.charAt(0).toUpperCase() + error.detail.slice(1);
  return text.endsWith('.') ? text : `${text}.`;
}

export function reference(error: Error | null): string | null {
  return error instanceof Refusal ? error.requestId : null;
}

/** The browser's own dialog: it keeps the focus, and Escape closes it. */
export function Dialog({ title, onClose, children }: {
  title: string; onClose: () => void; children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // One that is only taken away gives the focus back to nobody.
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      // Told late: React's strict mode closes it and opens it again in the meantime.
      onClose={() => {
        if (dialog.current?.open === false) onClose();
      }}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
      aria-label={title}
      className="card w-[min(92vw,26rem)] p-0"
    >
      <div className="p-5">
        <header className="mb-4 flex items-center justify-between">
          <h2 className="text-card font-semibold">{title}</h2>
          <button type="button" aria-label="Close" className="grid size-8 place-items-center rounded-control hover:bg-raised"
            onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/**
 * A wide table that scrolls by itself, also by keyboard, so that the page never does. It is the place of what is
 * positioned in it, too: words for screen readers alone would widen the page from where they stand otherwise.
 */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="relative -mx-1 overflow-x-auto px-1" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
