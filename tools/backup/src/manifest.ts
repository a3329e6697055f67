import { z } from 'zod';

/** What a backup may hold. */
export const PARTS = ['nats', 'postgres', 's3'] as const;
export type Part = (typeof PARTS)[number];

/** Name of the file that makes a folder a backup; it is written last. */
export const MANIFEST_FILE = 'manifest.json';

const savedFile = z.strictObject({
  /** Below the backup's folder. */
  path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\\0]+$/),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const savedStream = z.strictObject({
  name: z.string(),
  path: z.string(),
  /** Configuration and state as the server gave them with the snapshot. */
  config: z.looseObject({ name: z.string() }),
  state: z.looseObject({ messages: z.number(), first_seq: z.number(), last_seq: z.number() }),
});

const savedTable = z.strictObject({
  name: z.string(),
  path: z.string(),
  rows: z.int().nonnegative(),
  /** Of a partitioned table: its parts, with the bounds as PostgreSQL writes them. */
  partitions: z.array(z.strictObject({ name: z.string(), bound: z.string() })),
});

export const manifestSchema = z.strictObject({
  format: z.literal('botplane-backup'),
  /** Of this layout; another one is refused. */
  version: z.literal(1),
  /** When the conversations stood as they were saved, ISO 8601. */
  takenAt: z.string(),
  parts: z.array(z.enum(PARTS)).min(1),
  nats: z.strictObject({ streams: z.array(savedStream) }).optional(),
  postgres: z.strictObject({
    migrations: z.array(z.strictObject({ name: z.string(), checksum: z.string() })),
    tables: z.array(savedTable),
    sequences: z.array(z.strictObject({ name: z.string(), lastValue: z.string() })),
  }).optional(),
  s3: z.strictObject({ objects: z.array(z.strictObject({ key: z.string(), path: z.string() })) }).optional(),
  files: z.array(savedFile),
});

/** What stands in a backup, and what its files must be. */
export type Manifest = z.output<typeof manifestSchema>;
export type SavedFile = Manifest['files'][number];
export type SavedStream = NonNullable<Manifest['nats']>['streams'][number];
export type SavedPostgres = NonNullable<Manifest['postgres']>;
export type SavedObjects = NonNullable<Manifest['s3']>;
