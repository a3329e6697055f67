import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { CONTAINER_LOG_BYTES_MAX, LOG_LINE_BYTES_MAX } from './limits.ts';

/** The log of one container: a file with a line `<time> <text>` per line, its predecessor in `.1`. */
export class ContainerLog extends EventEmitter<{ line: [string]; end: [] }> {
  readonly path: string;
  private bytes = 0;

  constructor(path: string) {
    super();
    this.setMaxListeners(0); // One per `kubectl logs -f`.
    this.path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  }

  /** A new container of the same name: its predecessor's log is kept for `kubectl logs --previous`. */
  rotate(): void {
    if (existsSync(this.path)) renameSync(this.path, `${this.path}.1`);
    this.bytes = 0;
  }

  /** Writes every line that comes out of a stream of the process. */
  capture(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LOG_LINE_BYTES_MAX) {
        lines.push(rest);
        rest = '';
      }
      for (const line of lines) this.write(line);
    });
    stream.once('end', () => rest !== '' && this.write(rest));
  }

  /** Lines of the current container, or of the one before. */
  read(isPrevious: boolean): string[] {
    const path = isPrevious ? `${this.path}.1` : this.path;
    if (!existsSync(path) || statSync(path).size === 0) return [];
    return readFileSync(path, 'utf8').trimEnd().split('\n');
  }

  private write(text: string): void {
    const line = `${new Date().toISOString()} ${text}`;
    this.bytes += Buffer.byteLength(line) + 1;
    if (this.bytes > CONTAINER_LOG_BYTES_MAX) this.rotate();
    appendFileSync(this.path, `${line}\n`);
    this.emit('line', line);
  }
}
