import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listBelow, readBelow } from './folders.ts';

let root: string;
let folder: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'botplane-folder-'));
  folder = join(root, 'shop');
  mkdirSync(join(folder, 'images'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, '.git'));
  for (const file of ['images/cup.jpg', 'node_modules/x.js', '.git/config', '../secret']) writeFileSync(join(folder, file), 'x');
  symlinkSync('../secret', join(folder, 'link'));
  symlinkSync('..', join(folder, 'up'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('reads plain files below the folder, and follows no link out of it', () => {
  expect(Buffer.from(readBelow(folder, 'images/cup.jpg') ?? []).toString()).toBe('x');
  for (const path of ['none.jpg', 'images', 'images/cup.jpg/x', 'link', 'up/secret', '../secret']) expect(readBelow(folder, path), path).toBeUndefined();
});

it('lists what may be meant, without hidden folders and node_modules', () => {
  expect(listBelow(folder)).toEqual(['images/cup.jpg']);
});
