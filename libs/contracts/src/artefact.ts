import type { StateKeyKind } from '@botplane/domain';
import type { PiiPolicy } from './guest.ts';

/** Files of one published revision under `bots/<botId>/<revHash>/` in S3; never changed after they are written. */
export const ARTEFACT_FILES = ['bot.js', 'spec.json', 'rev.json'] as const;
export type ArtefactFile = (typeof ARTEFACT_FILES)[number];

/** Object key of one file of a revision's artefacts. */
export function artefactKey(botId: string, revHash: string, file: ArtefactFile): string {
  return `bots/${botId}/${revHash}/${file}`;
}

/** Object key of a file that a bot sends. Its content names it, so the revisions of a bot share what they have in common. */
export const mediaKey = (botId: string, sha256: string): string => `bots/${botId}/files/${sha256}`;

/** rev.json: the passport of a revision. */
export interface RevisionPassport {
  schemaVersion: 1;
  botId: string;
  /** First 40 hex digits of SHA-256 over canonical {spec, compiler, limits, secretNames}. */
  revHash: string;
  compiler: { name: string; version: string; engineSha256: string };
  files: { 'bot.js': { sha256: string; bytes: number }; 'spec.json': { sha256: string; bytes: number } };
  security: { allowDomains: string[]; maxApiResponseKB: number };
  stateKey: StateKeyKind;
  /** Update kinds the webhook asks for. */
  allowedUpdates: string[];
  /** setMyCommands: without language first, then once per further two-letter language. */
  commands: { languageCode?: string; commands: { command: string; description: string }[] }[];
  /** Names that headers of apiCall refer to as {{secret.NAME}}. */
  secretNames: string[];
  /** Sent when an update ends in the DLQ: text by locale, and the default locale. */
  errorText: { defaultLocale: string; byLocale: { [locale: string]: string } };
  limits: { memoryMiB: number; cpuMs: number };
  /** Present when the bot keeps its messages. */
  messages?: { retentionMs: number; piiPolicy: PiiPolicy; hasPersonalState: boolean };
}
