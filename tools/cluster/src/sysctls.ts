import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Kernel settings that kubelet, kube-proxy or the bridge change. */
const CHANGED = [
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv4/vs/conntrack',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** Notes the settings as they are, once, and lets packets be forwarded. */
export async function changeSysctls(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (!existsSync(file)) {
    const values = CHANGED.flatMap((name) => (existsSync(path(name)) ? [[name, readFileSync(path(name), 'utf8').trim()]] : []));
    writeFileSync(file, JSON.stringify(Object.fromEntries(values)));
  }
  writeFileSync(path('net/ipv4/ip_forward'), '1');
}

/** Sets everything back to what was noted. */
export function restoreSysctls(file: string): void {
  if (!existsSync(file)) return;
  const values = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  for (const [name, value] of Object.entries(values)) {
    if (readFileSync(path(name), 'utf8').trim() !== value) writeFileSync(path(name), value);
  }
}

const path = (name: string): string => `/proc/sys/${name}`;
