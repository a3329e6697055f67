import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import type pg from 'pg';
import type { Migration } from './migration-files.ts';

/** Prisma's name of a whole schema: all files of prisma/schema. */
export interface SchemaFile {
  readonly path: string;
  readonly content: string;
}

/** No table or enum of the database belongs to anybody else. */
export const OWN_EVERYTHING = { externalTables: [], externalEnums: [] };

let loaded: Promise<typeof glue.SchemaEngine> | undefined;

/**
 * Opens Prisma's schema engine (WebAssembly, no native binary) on connections of `pool`. Call `free()` on it in the end.
 * `onScriptError` gets what Postgres said of a failed script; the engine itself only tells its number.
 */
export async function openSchemaEngine(pool: pg.Pool, onScriptError: (error: unknown) => void = () => undefined): Promise<SchemaEngine> {
  const Engine = await (loaded ??= loadEngine());
  return Engine.new({ datamodels: undefined }, () => undefined, bindMigrationAwareSqlAdapterFactory(forMigrations(new PrismaPg(pool), onScriptError)));
}

/** What the engine wants to know about the migrations' folder. */
export function migrationList(migrations: readonly Migration[]): MigrationList {
  return {
    baseDir: '/prisma/migrations',
    lockfile: { path: './migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({ path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } } })),
  };
}

/** The package's own entry imports the .wasm file as a module, which Node still calls experimental on every start. */
async function loadEngine(): Promise<typeof glue.SchemaEngine> {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const { instance } = await WebAssembly.instantiate(await readFile(join(folder, 'schema_engine_bg.wasm')), { './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports });
  const internals = glue as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  internals.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return glue.SchemaEngine;
}

type PrismaPgAdapter = SqlDriverAdapter & { underlyingDriver(): pg.Pool };

/** PrismaPg was made for queries of applications; two of its habits are in the way of migrations. */
function forMigrations(factory: PrismaPg, onScriptError: (error: unknown) => void): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => adapt(await factory.connect(), onScriptError),
    connectToShadowDb: async () => adapt(await factory.connectToShadowDb(), onScriptError),
  };
}

function adapt(adapter: PrismaPgAdapter, onScriptError: (error: unknown) => void): SqlDriverAdapter {
  const pool = adapter.underlyingDriver();
  // It cuts a script at every semicolon, which breaks function bodies and texts; Postgres takes scripts whole.
  adapter.executeScript = async (script) => {
    try {
      await pool.query(script);
    } catch (error) {
      onScriptError(error);
      throw error;
    }
  };
  readCatalogue(adapter, pool);
  return adapter;
}

const PG_TYPES = { internalChar: 18, character: 1042 } as const;

/** Rows of a result → its columns of type `"char"`. Shared, since the engine may open several adapters on one pool. */
const charColumns = new WeakMap<object, number[]>();

/** It refuses the type `"char"`, which only Postgres's own catalogue has, and which the engine reads when it looks at a schema. */
function readCatalogue(adapter: PrismaPgAdapter, pool: pg.Pool): void {
  const poolQuery = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryResult>;
  const query = async (...args: unknown[]): Promise<pg.QueryResult> => {
    const result = await poolQuery(...args);
    const chars = (result.fields ?? []).flatMap((field, index) => (field.dataTypeID === PG_TYPES.internalChar ? [index] : []));
    if (chars.length > 0) charColumns.set(result.rows, chars);
    for (const index of chars) (result.fields[index] as pg.FieldDef).dataTypeID = PG_TYPES.character;
    return result;
  };
  pool.query = query as typeof pool.query;

  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (params) => {
    const result = await queryRaw(params);
    for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
}
