import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { toolPath } from '@botplane/bootstrap';
import type { Cluster } from './cluster.ts';
import { NAMESPACE } from './cluster.ts';
import { CONNECT_MS_MAX, FORWARD_MS_MAX } from './limits.ts';

/** A way to a pod from here. */
export interface Way {
  /** host:port */
  readonly address: string;
  close: () => void;
}

/** The first pod of a service: by its own address where this machine reaches it, as on a node of its own, else through a forwarded port. */
export async function reach(cluster: Cluster, service: string, port: number): Promise<Way> {
  const [pod] = await cluster.pods(service);
  const ip = pod?.status.podIP;
  if (ip !== undefined && (await connects(ip, port))) return { address: `${ip}:${port}`, close: () => undefined };
  return forward(cluster, service, port);
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS_MAX });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false)).once('timeout', () => done(false));
  });
}

function forward(cluster: Cluster, service: string, port: number): Promise<Way> {
  const child = spawn(toolPath('kubectl'), ['--context', cluster.context, '--namespace', NAMESPACE, 'port-forward', `service/botplane-${service}`, `:${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const close = (): void => void child.kill();
  return new Promise((resolve, reject) => {
    const give = (work: () => void): void => {
      clearTimeout(timer);
      work();
    };
    const refuse = (why: string) => (): void => give(() => {
      close();
      reject(new Error(`kubectl port-forward to ${service} ${why}`));
    });
    const timer = setTimeout(refuse(`did not listen after ${FORWARD_MS_MAX} ms`), FORWARD_MS_MAX);
    child.once('exit', refuse('ended'));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const address = /Forwarding from (127\.0\.0\.1:\d+)/.exec(text)?.[1];
      if (address !== undefined) give(() => resolve({ address, close }));
    });
  });
}
