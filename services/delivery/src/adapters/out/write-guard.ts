/* oxlint-disable no-underscore-dangle -- node:stream calls its methods so. */
import type { Socket } from 'node:net';
import { Agent, Client, Pool } from 'undici';
import type { Dispatcher, buildConnector } from 'undici';

/** Telegram did not get the whole request, so it did nothing. */
export class HeldBackError extends Error {
  override readonly name = 'HeldBackError';
  readonly code = 'HELD_BACK';

  constructor() {
    super('the request was held back');
  }
}

/** A request that says, until its last byte left, whether it may go on. */
export interface GuardedHandler extends Dispatcher.DispatchHandler {
  /** Called before the request starts, with the guard of the connection that carries it, for the request to set. */
  guard: WriteGuard | undefined;
}

/**
 * The last look before bytes leave this process. A process can fall asleep between any two instructions, and what it writes when it
 * wakes up may have been written by others meanwhile; nothing can be asked inside the system call, so this asks right before it.
 */
export class WriteGuard {
  /** Of the request that has the connection; there is one at a time. False: its bytes stay here and the connection ends. */
  mayWrite: () => boolean = () => true;

  /** Looks before each write of this connection from now on. */
  watch(socket: Socket): void {
    const write = socket._write;
    socket._write = (chunk: string | Uint8Array, encoding, done) => {
      // Bytes are made first, and in one piece: between the look and the system call nothing is left to do.
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      if (this.mayWrite()) write.call(socket, bytes, 'buffer' as BufferEncoding, done);
      else done(new HeldBackError());
    };
    socket._writev = (pieces: { chunk: string | Uint8Array; encoding: BufferEncoding }[], done) => {
      socket._write(Buffer.concat(pieces.map(({ chunk, encoding }) => (typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk))), 'buffer' as BufferEncoding, done);
    };
  }
}

type ClientOptions = Client.Options & { connect: buildConnector.connector };

/** One connection at a time, whose requests set its guard. */
class GuardedClient extends Client {
  private readonly writes: WriteGuard;

  constructor(origin: URL, { connect, ...options }: ClientOptions, writes = new WriteGuard()) {
    super(origin, {
      ...options,
      pipelining: 1,
      connect: (target, callback) =>
        connect(target, (...result) => {
          if (result[0] === null) writes.watch(result[1]); // After a failure there is no second argument, whatever the types say.
          callback(...result);
        }),
    });
    this.writes = writes;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: GuardedHandler): boolean {
    handler.guard = this.writes;
    return super.dispatch(options, handler);
  }
}

/** undici's pools of connections for requests with a guard. HTTP/1 only: with HTTP/2 calls share a connection, and Node writes below its socket. */
export const guardedAgent = (options: Agent.Options): Agent =>
  new Agent({
    ...options,
    allowH2: false,
    factory: (origin, poolOptions) =>
      // The pool made a connector of its `connect` options by the time it asks for a client.
      new Pool(origin, { ...(poolOptions as Pool.Options), factory: (to, clientOptions) => new GuardedClient(to, clientOptions as ClientOptions) }),
  });
