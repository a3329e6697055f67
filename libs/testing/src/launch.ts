import { join } from 'node:path';
import { START_ATTEMPTS_MAX } from './limits.ts';
import type { ProcessRecipe } from './recipe.ts';
import { ServerProcess } from './server-process.ts';
import { makeTempFolder, removeTempFolder } from './temp-folder.ts';

/** A started server with what its recipe was made from. */
export interface Launched<T> {
  readonly server: ServerProcess;
  readonly details: T;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server in a temporary folder, with new ports when a picked one was taken in between. */
export async function launch<T>(
  name: string,
  make: (folder: string) => Promise<{ recipe: ProcessRecipe; details: T }>,
): Promise<Launched<T>> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = makeTempFolder(name);
    const { recipe, details } = await make(folder);
    const server = new ServerProcess(recipe, join(folder, `${name}.log`));
    try {
      await server.start();
      const stop = async (): Promise<void> => {
        await server.stop();
        removeTempFolder(folder);
      };
      return { server, details, stop };
    } catch (error) {
      removeTempFolder(folder);
      const isPortTaken = error instanceof Error && /address already in use/i.test(error.message);
      if (!isPortTaken || attempt >= START_ATTEMPTS_MAX) throw error;
    }
  }
}
