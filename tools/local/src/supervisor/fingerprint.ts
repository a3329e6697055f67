import { buildFingerprint, programState, SERVICES } from '../environment/programs.ts';

/** Differs when the supervisor's own code or the set of services is another one: it must then start anew. */
export function environmentFingerprint(): string {
  const names = SERVICES.filter((program) => programState(program) === 'built').map(({ name }) => name);
  return `${names.join(',')}/${buildFingerprint({ name: 'local', folder: 'tools/local' })}`;
}
