import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../paths.ts';

/** A bot of examples/ as the simulator must know it. */
export interface ExampleBot {
  readonly token: string;
  readonly username: string;
}

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly data?: Record<string, string>;
  readonly stringData?: Record<string, string>;
  readonly spec?: { readonly tokenSecretRef?: { readonly name?: string; readonly key?: string } };
}

/** Every Bot below examples/ whose token Secret lies beside it. `coffee-club` becomes `coffee_club_bot`. */
export function exampleBots(folder = join(ROOT, 'examples')): ExampleBot[] {
  const manifests = yamlFiles(folder).flatMap(readManifests);
  const secrets = new Map(manifests.filter(isKind('Secret')).map((secret) => [secret.metadata?.name, secret]));
  return manifests.filter(isKind('Bot')).flatMap((bot) => {
    const reference = bot.spec?.tokenSecretRef;
    const token = valueOf(secrets.get(reference?.name), reference?.key ?? 'token');
    const name = bot.metadata?.name;
    return token && name ? [{ token, username: usernameOf(name) }] : [];
  });
}

/** Telegram's usernames have no dashes and end with "bot". */
export function usernameOf(botName: string): string {
  const name = botName.replaceAll('-', '_');
  return /bot$/i.test(name) ? name : `${name}_bot`;
}

const isKind = (kind: string) => (manifest: Manifest): boolean => manifest.kind === kind;

function valueOf(secret: Manifest | undefined, key: string): string | undefined {
  const encoded = secret?.data?.[key];
  return secret?.stringData?.[key] ?? (encoded ? Buffer.from(encoded, 'base64').toString() : undefined);
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
}

function readManifests(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => (document.toJS() ?? {}) as Manifest);
}
