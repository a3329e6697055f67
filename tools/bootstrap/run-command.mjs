import { spawn } from 'node:child_process';

/** Lines of output that an error quotes: npm says first what is wrong, Go says it last. */
const HEAD_LINES = 10;
const TAIL_LINES = 30;

/** Runs a command; rejects with the end of its output. The child ends with this process. */
export function runCommand(command, args, { cwd, env, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const head = [];
    const tail = [];
    const collect = (chunk) => {
      for (const text of chunk.toString().split('\n').filter(Boolean)) {
        onLine?.(text);
        if (head.length < HEAD_LINES) head.push(text);
        else tail.push(text);
        if (tail.length > TAIL_LINES) tail.shift();
      }
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const abandon = () => child.kill('SIGTERM');
    process.once('exit', abandon);
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.once('close', (code) => {
      process.removeListener('exit', abandon);
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} failed (${code})\n${[...head, ...tail].join('\n')}`));
    });
  });
}
