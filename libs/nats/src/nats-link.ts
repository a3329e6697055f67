import type { Nats } from './connect.ts';

export interface NatsLinkOptions {
  /** What hangs on the connection and ends before it, such as mirrors. */
  mirrors: readonly { close(): Promise<void> }[];
  /** Told when the connection breaks or stands again. */
  onChange: (isConnected: boolean) => void;
}

/** A service's connection: knows whether it stands, and closes it last. */
export class NatsLink {
  private connected = true;

  constructor(
    private readonly nats: Nats,
    private readonly options: NatsLinkOptions,
  ) {
    void this.follow();
  }

  get isConnected(): boolean {
    return this.connected;
  }

  /** Named as Nest calls it when everything else of the service has ended. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.options.mirrors.map((mirror) => mirror.close()));
    await this.nats.connection.close();
  }

  private async follow(): Promise<void> {
    for await (const { type } of this.nats.connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      this.connected = type === 'reconnect';
      this.options.onChange(this.connected);
    }
  }
}
