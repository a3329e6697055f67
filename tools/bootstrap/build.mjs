// `make build`: builds all packages with Nx, and says in one line how far it is.
import { join } from 'node:path';
import { isBuildCurrent, markBuilt } from './build-stamp.mjs';
import { createProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'node_modules/.bin');

if (isBuildCurrent()) process.exit(0);

const progress = createProgress();
const failures = [];
try {
  await progress.step('build packages', (note) => {
    let count = 0;
    return runCommand(join(bin, 'nx'), ['run-many', '-t', 'build', '--outputStyle=static'], {
      cwd: root,
      // No daemon: nothing may be left running. Node of the project first, since Nx and tsc run on it.
      env: { PATH: `${bin}:${process.env.PATH}`, NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0' },
      onLine: (line) => {
        if (/^\s*(✔|✓)\s/.test(line)) note(`${(count += 1)} done`);
        if (/error TS\d+|^Failed|- @botplane\/\S+:build|^\s*(✖|✗)|ERROR/.test(line)) failures.push(line.trim());
      },
    });
  });
  markBuilt();
} catch (error) {
  console.error(failures.length > 0 ? failures.join('\n') : error.message);
  console.error('\n✗ the build failed: `node_modules/.bin/nx run-many -t build` shows everything');
  process.exit(1);
}
