import { randomBytes } from 'node:crypto';
import { launch } from './launch.ts';
import { freePort } from './ports.ts';
import { s3Recipe } from './recipes/s3.ts';

export interface TestS3 {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  stop(): Promise<void>;
  /** SIGKILL; the objects stay for `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** SIGSTOP: connections stay, and nothing is answered until `thaw`. */
  freeze(): void;
  thaw(): void;
}

/** An S3 store with one bucket (default `botplane`) in a temporary folder. */
export async function startS3(options: { bucket?: string } = {}): Promise<TestS3> {
  const { server, details, stop } = await launch('s3', async (folder) => {
    const port = await freePort();
    const access = {
      accessKey: randomBytes(10).toString('hex'),
      secretKey: randomBytes(20).toString('hex'),
      bucket: options.bucket ?? 'botplane',
    };
    const details = { endpoint: `http://127.0.0.1:${port}`, ...access };
    return { recipe: s3Recipe({ folder, port, ...access }), details };
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
