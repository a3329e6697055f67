// Writes prisma/migrations/<timestamp>_<name>/migration.sql: what the schema has and the migrations do not. Read it before you commit it.
// Run: npm run migration:new -w @botplane/db -- <name>     (a PostgreSQL is started for it and removed again)
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '@botplane/testing';
import { MIGRATIONS_FOLDER } from '../src/migration-files.ts';
import { schemaDrift } from '../src/schema-diff.ts';

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9_]{2,60}$/.test(name)) {
  process.stderr.write('usage: npm run migration:new -w @botplane/db -- <name>, e.g. add_messages\n');
  process.exit(2);
}

const postgres = await startPostgres();
try {
  const sql = await schemaDrift(postgres.url);
  if (sql === '') {
    process.stdout.write('the migrations already lead to the schema: nothing to write\n');
  } else {
    const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const folder = join(MIGRATIONS_FOLDER, `${timestamp}_${name}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'migration.sql'), `${sql}\n`);
    process.stdout.write(`${folder}/migration.sql\n${sql}\n`);
  }
} finally {
  await postgres.stop();
}
