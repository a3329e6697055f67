import type { OutboundCall } from '@botplane/contracts';

const LANES = new Set(['reply', 'bulk', 'paid']);

/** Reads the body of `out.<lane>.<p>.<botId>`; undefined when it is no call. The method becomes part of a URL, so its form is checked. */
export function readCall(text: string): OutboundCall | undefined {
  let call: Partial<OutboundCall> | null;
  try {
    call = JSON.parse(text) as Partial<OutboundCall> | null;
  } catch {
    return undefined;
  }
  if (typeof call !== 'object' || call === null || call.v !== 1 || typeof call.botId !== 'string') return undefined;
  if (!LANES.has(call.lane ?? '') || !/^[A-Za-z]{1,64}$/.test(call.method ?? '') || typeof call.params !== 'object' || call.params === null) return undefined;
  const { source, chat } = call;
  const isSource = typeof source?.key === 'string' && Number.isSafeInteger(source.seq) && Number.isSafeInteger(source.n);
  return isSource && (chat === null || typeof chat === 'string') ? (call as OutboundCall) : undefined;
}
