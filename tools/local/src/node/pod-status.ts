import type { ContainerRunner, ContainerState } from './container-runner.ts';
import { timeOf, type PodStatus } from './pod-types.ts';

export interface PodView {
  readonly containers: readonly ContainerRunner[];
  readonly podAddress: string;
  readonly nodeAddress: string;
  readonly startedAtMs: number;
}

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** The phase that follows from the containers, as a kubelet counts it. */
export function phaseOf(containers: readonly Pick<ContainerRunner, 'state' | 'restarts'>[]): PodPhase {
  const states = containers.map(({ state }) => state);
  if (states.every((state) => state.kind === 'terminated')) {
    return states.every((state) => state.kind === 'terminated' && state.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const isCreated = containers.every(({ state, restarts }) => state.kind !== 'waiting' || restarts > 0);
  return isCreated ? 'Running' : 'Pending';
}

/** The status patch of a pod. Absent parts are null, since a strategic merge would keep them. */
export function podStatus(view: PodView, transitions: Transitions): object {
  const { containers, podAddress, nodeAddress, startedAtMs } = view;
  const isReady = containers.every((container) => container.isReady && container.state.kind === 'running');
  const conditions: [string, boolean][] = [
    ['PodReadyToStartContainers', true],
    ['Initialized', true],
    ['ContainersReady', isReady],
    ['Ready', isReady],
  ];
  return {
    phase: phaseOf(containers),
    hostIP: nodeAddress,
    hostIPs: [{ $patch: 'replace' }, { ip: nodeAddress }],
    podIP: podAddress,
    podIPs: [{ $patch: 'replace' }, { ip: podAddress }],
    startTime: timeOf(startedAtMs),
    conditions: conditions.map(([type, isTrue]) => transitions.condition(type, isTrue)),
    containerStatuses: containers.map(containerStatus),
  };
}

/** A pod that cannot run here at all. */
export function refusedStatus(reason: string, message: string): object {
  return { phase: 'Failed', reason, message } satisfies PodStatus;
}

/** Remembers since when each condition is as it is. */
export class Transitions {
  private readonly known = new Map<string, { isTrue: boolean; sinceMs: number }>();

  condition(type: string, isTrue: boolean): Record<string, unknown> {
    const before = this.known.get(type);
    const sinceMs = before?.isTrue === isTrue ? before.sinceMs : Date.now();
    this.known.set(type, { isTrue, sinceMs });
    const reason = isTrue ? null : 'ContainersNotReady';
    return { type, status: isTrue ? 'True' : 'False', reason, lastTransitionTime: timeOf(sinceMs) };
  }
}

function containerStatus(runner: ContainerRunner): object {
  const { container, isReady, isStarted, restarts, state, lastTermination } = runner;
  const { image = '', name } = container;
  return {
    name,
    image,
    imageID: `process://${image}`,
    ready: isReady && state.kind === 'running',
    started: isStarted,
    restartCount: restarts,
    state: stateOf(name, state),
    lastState: lastTermination && state.kind !== 'terminated' ? stateOf(name, lastTermination) : {},
  };
}

function stateOf(name: string, state: ContainerState): object {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, message: state.message ?? null }, running: null, terminated: null };
    case 'running':
      return { waiting: null, running: { startedAt: timeOf(state.startedAtMs) }, terminated: null };
    case 'terminated': {
      const { exitCode, startedAtMs, finishedAtMs } = state;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      const times = { startedAt: timeOf(startedAtMs), finishedAt: timeOf(finishedAtMs) };
      return { waiting: null, running: null, terminated: { exitCode, reason, ...times, containerID: `process://${name}` } };
    }
  }
}
