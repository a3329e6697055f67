import { launch } from './launch.ts';
import { freePort } from './ports.ts';
import { natsRecipe } from './recipes/nats.ts';
import type { NatsTlsFiles } from './recipes/nats.ts';

export interface TestNats {
  readonly url: string;
  /** `http://…` with `/varz`, `/jsz`. */
  readonly monitorUrl: string;
  /** Ends it for good and removes its store. */
  stop(): Promise<void>;
  /** SIGKILL; the store stays for `restart`. */
  kill(): Promise<void>;
  /** Starts it again with the same URL and store; a running server is stopped first. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay, and nothing is answered until `thaw`. */
  freeze(): void;
  thaw(): void;
}

export interface TestNatsOptions {
  /** As in production. Default false. */
  syncAlways?: boolean;
  /** Default: plain text. */
  tls?: NatsTlsFiles;
}

/** nats-server with JetStream in a temporary folder. */
export async function startNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const { server, details, stop } = await launch('nats', async (folder) => {
    const [port, monitorPort] = [await freePort(), await freePort()];
    const recipe = natsRecipe({ folder, port, monitorPort, syncAlways: options.syncAlways ?? false, ...(options.tls ? { tls: options.tls } : {}) });
    return { recipe, details: { url: `nats://127.0.0.1:${port}`, monitorUrl: `http://127.0.0.1:${monitorPort}` } };
  });
  return {
    ...details,
    stop,
    kill: () => server.kill(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: async () => {
      await server.stop();
      await server.start();
    },
  };
}
