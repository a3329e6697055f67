import { randomBytes } from 'node:crypto';
import type { OutboundCall } from '@botplane/contracts';
import type { Upload } from '../../app/ports.ts';

/** A request body of parameters and files, of a size that is known before it is read. */
export interface MultipartBody {
  readonly contentType: string;
  readonly bytes: number;
  read(): AsyncGenerator<Uint8Array>;
}

/** `multipart/form-data`; files are passed on piece by piece. */
export function multipart(params: OutboundCall['params'], uploads: readonly Upload[]): MultipartBody {
  const boundary = `botplane-${randomBytes(16).toString('hex')}`;
  const fields = Object.entries(params).map(([name, value]) => part(boundary, `name="${quoted(name)}"`, '', typeof value === 'string' ? value : JSON.stringify(value)));
  const head = Buffer.from(fields.join(''));
  const files = uploads.map((upload) => ({ upload, head: Buffer.from(part(boundary, `name="${quoted(upload.name)}"; filename="${quoted(upload.file.fileName)}"`, `Content-Type: ${upload.file.mimeType}\r\n`, '').slice(0, -LINE.length)) }));
  const tail = Buffer.from(`--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: head.length + tail.length + files.reduce((sum, file) => sum + file.head.length + file.upload.file.bytes + LINE.length, 0),
    async *read() {
      yield head;
      for (const file of files) {
        yield file.head;
        yield* file.upload.open();
        yield Buffer.from(LINE);
      }
      yield tail;
    },
  };
}

const LINE = '\r\n';

const part = (boundary: string, disposition: string, more: string, content: string): string => `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${content}\r\n`;

/** As browsers do it. */
const quoted = (text: string): string => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
