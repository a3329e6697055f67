import { K8sError } from '@botplane/k8s';
import { openCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { COMMANDS } from './commands.ts';
import type { Config } from './config.ts';
import { parseFlags } from './flags.ts';
import { CommandError, EXIT } from './io.ts';
import type { ExitCode, Io } from './io.ts';
import { aligned } from './render.ts';

/** Runs one command line of the plugin; answers with its exit code. */
export async function runPlugin(args: readonly string[], config: Config, io: Io): Promise<ExitCode> {
  let cluster: Cluster | undefined;
  try {
    const { flags, words } = parseFlags(args);
    const [name, ...rest] = words;
    if (name === undefined || name === 'help' || flags.help) return usage(io, name !== undefined || flags.help);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new CommandError(`there is no command “${name}”; \`kubectl botplane help\` lists them`);
    return await command.run({ io, flags, words: rest, cluster: () => (cluster ??= openCluster(flags, config.kubeconfig)) });
  } catch (error) {
    if (io.interrupted.aborted) return EXIT.good;
    io.err(`error: ${messageOf(error)}`);
    return error instanceof CommandError ? error.exitCode : EXIT.usage;
  } finally {
    await cluster?.client.close();
  }
}

function messageOf(error: unknown): string {
  // The server's words are clear; which request it was is not of interest.
  if (error instanceof K8sError) return error.message.replace(/^[A-Z]+ \/\S+: /, '');
  return error instanceof Error ? error.message : String(error);
}

function usage(io: Io, isAsked: boolean): ExitCode {
  const lines = [
    'kubectl botplane: rollouts of bots', '',
    ...aligned(Object.values(COMMANDS).map(({ usage, help }) => [`  kubectl botplane ${usage}`, help])), '',
    'Options of all: -n NAMESPACE, --context NAME, --kubeconfig FILE, -o json|yaml|name.',
    'It writes a few fields of Bots only, by server-side apply as “kubectl-botplane”, and never takes a field from anybody.',
  ];
  for (const line of lines) (isAsked ? io.out : io.err)(line);
  return isAsked ? EXIT.good : EXIT.usage;
}
