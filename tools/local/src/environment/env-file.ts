import { rename, writeFile } from 'node:fs/promises';

/** Writes variables as a file that a shell can source. It holds credentials: only its owner may read it. */
export async function writeEnvFile(path: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  const temporary = `${path}.tmp`;
  await writeFile(temporary, `# Written by make up. Use it with: . ${path}\n${lines.join('')}`, { mode: 0o600 });
  await rename(temporary, path);
}

function quote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
