import { httpUrl, type Environment } from '../environment/addresses.ts';
import { usernameOf } from '../environment/example-bots.ts';
import { SAMPLE_BOT } from '../environment/install.ts';

/** What a person needs to go on. */
export function printSummary(environment: Environment, running: ReadonlySet<string>, elapsed: string): void {
  const lines = [`\nBotplane is up (${elapsed}).`, ''];
  if (running.has('simulator')) {
    const simulator = httpUrl(environment, 'simulator');
    lines.push(`  Playground   ${simulator}/play/${usernameOf(SAMPLE_BOT.name)}`);
    lines.push(`  Simulator    ${simulator}`);
  }
  if (running.has('ingress')) lines.push(`  Ingress      ${httpUrl(environment, 'ingress')}`);
  if (running.has('api')) lines.push(`  API          ${httpUrl(environment, 'api')}`);
  lines.push(`  Kubernetes   https://127.0.0.1:${environment.allocation.ports.kubeApiServer}`, '');
  lines.push(`  . ${environment.paths.env} && $KUBECTL get bots,botrevisions,botruntimes,deployments,pods -A`);
  lines.push('  make status, make logs NAME=operator, make down');
  console.log(lines.join('\n'));
}
