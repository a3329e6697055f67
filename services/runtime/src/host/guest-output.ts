/** Whether a text is a GuestOutput in its outline (libs/contracts guest.ts); the executor checks what it uses. */
export function isGuestOutput(text: string): boolean {
  let output: unknown;
  try {
    output = JSON.parse(text);
  } catch {
    return false;
  }
  if (!isRecord(output) || !isRecord(output['state']) || !isRecord(output['outcome'])) return false;
  return Array.isArray(output['effects']) && Array.isArray(output['timers']) && Array.isArray(output['events']);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
