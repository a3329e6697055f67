/** A server that can die and come back with what it held. */
export interface Mortal {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Runs `work` while a server is dead. It is back afterwards, also when `work` failed, so that the tests that follow find it. */
export async function whileDown<T>(server: Mortal, work: () => Promise<T>): Promise<T> {
  await server.kill();
  try {
    return await work();
  } finally {
    await server.restart();
  }
}
