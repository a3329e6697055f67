import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@botplane/k8s';
import { ADMISSION_BODY_BYTES_MAX, ADMISSION_REQUEST_MS_MAX } from '../limits.ts';
import { parseReview, renderReview } from './protocol.ts';
import type { AdmissionRequest, Verdict } from './protocol.ts';

export interface AdmissionServerOptions {
  host: string;
  port: number;
  /** PEM; may be changed while it runs with {@link AdmissionServer.renew}. */
  certificate: { cert: string; key: string };
  review(request: AdmissionRequest): Promise<Verdict>;
  log: Logger;
}

/** The HTTPS server that kube-apiserver calls at `POST /validate`. */
export class AdmissionServer {
  private readonly server: Server;
  private readonly options: AdmissionServerOptions;

  constructor(options: AdmissionServerOptions) {
    this.options = options;
    const tls = { ...options.certificate, minVersion: 'TLSv1.2' as const, requestTimeout: ADMISSION_REQUEST_MS_MAX };
    this.server = createServer(tls, (request, response) => void this.answer(request, response));
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    const { host, port } = this.options;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port }, () => resolve((this.server.address() as AddressInfo).port));
    });
  }

  /** New connections get this certificate. */
  renew(certificate: { cert: string; key: string }): void {
    this.server.setSecureContext(certificate);
  }

  async close(): Promise<void> {
    this.server.closeIdleConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, body } = await this.handle(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } catch (err) {
      // An answer other than 200 lets the request through (failurePolicy Ignore).
      this.options.log.warn({ err }, 'admission review failed; the object is let through');
      if (!response.headersSent) response.writeHead(500).end();
    }
  }

  private async handle(request: IncomingMessage): Promise<{ status: number; body: object }> {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== '/validate') return { status: 404, body: { error: 'only POST /validate is served' } };
    if (Number(request.headers['content-length'] ?? Infinity) > ADMISSION_BODY_BYTES_MAX) {
      return { status: 413, body: { error: `content-length is required and may be at most ${ADMISSION_BODY_BYTES_MAX}` } };
    }
    const asked = parseReview(await text(request));
    if (!asked) return { status: 400, body: { error: 'the body is not an AdmissionReview of admission.k8s.io/v1' } };
    return { status: 200, body: renderReview(asked, await this.options.review(asked)) };
  }
}
