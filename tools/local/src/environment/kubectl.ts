import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';

/** Output of one command, bytes. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const FIELD_MANAGER = 'botplane-install';

/** kubectl with the kubeconfig of one environment. */
export class Kubectl {
  private readonly kubeconfig: string;

  constructor(kubeconfig: string) {
    this.kubeconfig = kubeconfig;
  }

  /** Returns what it prints; rejects with its error text. */
  async run(...args: string[]): Promise<string> {
    return this.execute(args);
  }

  /** Server-side apply of one object. */
  async apply(object: object): Promise<void> {
    const flags = ['apply', '--server-side', '--force-conflicts', `--field-manager=${FIELD_MANAGER}`, '-f', '-'];
    await this.execute(flags, JSON.stringify(object));
  }

  private async execute(args: string[], input = ''): Promise<string> {
    const running = promisify(execFile)(toolPath('kubectl'), [`--kubeconfig=${this.kubeconfig}`, ...args], {
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }
}
