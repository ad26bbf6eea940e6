// What a person does about a difference: one button where there is one, and words in any case.

import type { Difference } from '../../api';
import { useOperatorCall, useRefreshToken, type DiagnosisAsked } from '../../hooks/health';
import { connectionIn, operatorCall } from '../../lib/reconcile';
import { bearer } from '../../session';
import { Reconnect } from '../banners';
import { cause } from '../parts';
import { SyncButton } from '../sync-button';

export type Deeper = Pick<DiagnosisAsked, 'depth' | 'timeRange'>;
type Creator = { modelId: string; name: string };
type Remedy = Difference['remedy'];

export function RemedyButton({ agencyId, creator, remedy, onDeepen }: {
  agencyId: string; creator: Creator; remedy: Remedy; onDeepen: (asked: Deeper) => void;
}) {
  const connectionId = connectionIn(remedy.call);
  switch (remedy.kind) {
    case 'force_sync':
    case 'rebuild_totals':
    case 'set_clock':
      return <SyncButton agencyId={agencyId} modelId={creator.modelId} name={creator.name} isSmall />;
    case 'ask_rows':
      return <Ask text="Compare row by row" of={creator.name} onClick={() => onDeepen({ depth: 'rows' })} />;
    case 'ask_fewer':
      return <Ask text="Compare the last 30 days" of={creator.name} onClick={() => onDeepen({ depth: 'rows', timeRange: '30d' })} />;
    case 'reconnect':
      return connectionId === null ? null : <Reconnect connectionId={connectionId} isPrimary />;
    case 'refresh':
      return connectionId === null ? null : <Renew connectionId={connectionId} />;
    case 'run_now':
      return <ByOperator remedy={remedy} />;
    default:
      return null;
  }
}

/** What the button does, or who else does it. */
export function remedyText({ kind, text }: Remedy): string {
  if (kind === 'run_now') return 'The next sync goes on by itself.';
  return text;
}

function Ask({ text, of, onClick }: { text: string; of: string; onClick: () => void }) {
  return (
    <button type="button" className="control whitespace-nowrap" onClick={onClick}>
      {text}<span className="sr-only"> of {of}</span>
    </button>
  );
}

function Renew({ connectionId }: { connectionId: string }) {
  const renew = useRefreshToken();
  return (
    <span className="flex flex-wrap items-center gap-2">
      <button type="button" className="control" disabled={renew.isPending} onClick={() => renew.mutate(connectionId)}>
        {renew.isPending ? 'Renewing' : 'Renew the token'}
      </button>
      {renew.error && <span role="alert" className="text-meta text-neg">{cause(renew.error)}</span>}
    </span>
  );
}

/** A button for the operator, who is signed in with the secret; others read which call it is. */
function ByOperator({ remedy }: { remedy: Remedy }) {
  const run = useOperatorCall();
  const call = operatorCall(remedy.call);
  if (call === null) return null;
  if (bearer() === null) {
    return <span className="text-meta text-mute">The operator’s call: <code className="break-all">{remedy.call}</code></span>;
  }
  return (
    <span className="flex flex-wrap items-center gap-2">
      <button type="button" className="control" disabled={run.isPending} onClick={() => run.mutate(call)}>
        {run.isPending ? 'Running' : remedy.kind === 'run_now' ? 'Run it now' : 'Rebuild totals'}
      </button>
      {run.error && <span role="alert" className="text-meta text-neg">{cause(run.error)}</span>}
    </span>
  );
}
