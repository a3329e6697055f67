import { X509Certificate } from 'node:crypto';
import { NotLeaderError } from '@botplane/k8s';
import type { K8sClient, Logger } from '@botplane/k8s';
import { ensureAdmissionCertificate } from '../adapters/admission-certificate.ts';
import { ADMISSION_CERTIFICATE_CHECK_MS, ADMISSION_RETRY_MS } from '../limits.ts';
import { FIELD_MANAGER } from '../names.ts';
import { VALIDATING_WEBHOOKS, hostOf, webhookConfiguration } from './configuration.ts';
import type { AdmissionAddress } from './configuration.ts';
import { review } from './review.ts';
import type { ReviewDeps } from './review.ts';
import { AdmissionServer } from './server.ts';

/** Name of the ValidatingWebhookConfiguration, and of the Secret with its certificate. */
const CONFIGURATION_NAME = 'botplane-admission';
const CERTIFICATE_SECRET = 'botplane-admission-tls';

export interface AdmissionOptions extends ReviewDeps {
  client: K8sClient;
  log: Logger;
  /** Where Botplane is installed; home of the certificate's Secret. */
  namespace: string;
  host: string;
  port: number;
  address: AdmissionAddress;
  /** Hears when the certificate ends, in seconds since 1970. */
  onCertificate: (notAfterSeconds: number) => void;
}

/**
 * Serves the validating webhook and keeps its certificate and registration. Nothing else waits for it: it tries again until kube-apiserver
 * lets it, and without it errors are told in conditions only.
 */
export function startAdmission(options: AdmissionOptions): { close(): Promise<void> } {
  let server: AdmissionServer | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const keep = async (): Promise<void> => {
    const { client, log, namespace, host, port, address } = options;
    let nextMs = ADMISSION_CERTIFICATE_CHECK_MS;
    try {
      const certificate = await ensureAdmissionCertificate(client, { namespace, name: CERTIFICATE_SECRET }, hostOf(address), Date.now());
      options.onCertificate(Date.parse(new X509Certificate(certificate.cert).validTo) / 1_000);
      if (server) {
        server.renew(certificate);
      } else {
        const starting = new AdmissionServer({ host, port, certificate, log, review: (request) => review(options, request) });
        await starting.listen();
        server = starting;
      }
      await client.apply(VALIDATING_WEBHOOKS, webhookConfiguration(CONFIGURATION_NAME, address, certificate.ca), { fieldManager: FIELD_MANAGER, force: true });
      log.info({ address }, 'admission webhook works');
    } catch (err) {
      // A standby serves with the leader's certificate and leaves the registration to it.
      if (!(err instanceof NotLeaderError)) log.warn({ err }, 'admission webhook is not registered; it is tried again');
      nextMs = ADMISSION_RETRY_MS;
    }
    if (!closed) timer = setTimeout(() => void (keeping = keep()), nextMs);
  };
  let keeping = keep();

  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await keeping;
      clearTimeout(timer);
      await server?.close();
    },
  };
}
