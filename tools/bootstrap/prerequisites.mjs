// What the machine must have. Any npm that comes with these Node versions will do: npm 11 honours
// `allowScripts` of package.json, older ones run the install scripts anyway.
import { execFileSync } from 'node:child_process';
import { release } from 'node:os';

const NODE_MIN = [20, 11];
const GO_MIN = [1, 26];

/** One line per thing that is missing, with its remedy; empty when the machine is ready. */
export function missingPrerequisites() {
  return [checkPlatform(), checkNode(), checkGo(), checkCommand('git', 'install git')].filter(Boolean);
}

function checkPlatform() {
  if (process.platform === 'linux') return undefined;
  const where = process.platform === 'win32' ? 'use WSL2' : 'use a Linux machine or virtual machine';
  return `the local environment runs on Linux and WSL2, this is ${process.platform} ${release()}: ${where}`;
}

function checkNode() {
  const version = process.versions.node;
  if (isAtLeast(version, NODE_MIN)) return undefined;
  return `Node ${version} is too old: install Node ${NODE_MIN.join('.')} or newer (https://nodejs.org)`;
}

function checkGo() {
  const remedy = `install Go ${GO_MIN.join('.')} or newer (https://go.dev/dl)`;
  const output = outputOf('go', ['env', 'GOVERSION']);
  if (output === undefined) return `Go is missing: ${remedy}`;
  const version = output.replace(/^go/, '');
  return isAtLeast(version, GO_MIN) ? undefined : `Go ${version} is too old: ${remedy}`;
}

function checkCommand(command, remedy) {
  return outputOf(command, ['--version']) === undefined ? `${command} is missing: ${remedy}` : undefined;
}

function outputOf(command, args) {
  try {
    // Outside any module: this asks what is installed, not which toolchain a module would fetch.
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' }).trim();
  } catch {
    return undefined;
  }
}

function isAtLeast(version, minimum) {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [major = 0, minor = 0] = parts;
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}
