import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/testing';

/** Prints what the script returned as JSON. An empty table has no kind in Lua; here it is an object. */
const PRINTER = `
local format, concat, kind = string.format, table.concat, type
local function json(value)
  if kind(value) == "table" then
    local parts = {}
    if #value > 0 then
      for _, item in ipairs(value) do parts[#parts + 1] = json(item) end
      return "[" .. concat(parts, ",") .. "]"
    end
    for key, item in pairs(value) do parts[#parts + 1] = format("%q", key) .. ":" .. json(item) end
    return "{" .. concat(parts, ",") .. "}"
  end
  if kind(value) == "string" then return format("%q", value) end
  return tostring(value)
end
`;
/** Argo CD opens `table` and what is always there; of `os` a script that requires it gets the clock only. */
const CLOSED = `
local clock = { time = os.time, date = os.date }
for _, name in ipairs({ "os", "io", "string", "math", "debug", "coroutine", "channel" }) do
  _G[name], package.loaded[name] = nil, nil
end
package.preload.os = function() return clock end
`;

/** Runs a script as Argo CD does: Lua of gopher-lua, `obj` given, without the libraries for files, strings and numbers. */
export async function runArgoScript(script: string, obj: unknown): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'argo-lua-'));
  try {
    const file = join(folder, 'script.lua');
    writeFileSync(file, `${PRINTER}getmetatable("").__index = nil\n${CLOSED}obj = ${toLua(obj)}\nlocal function script()\n${script}\nend\nprint(json(script()))\n`);
    const { stdout } = await promisify(execFile)(toolPath('glua'), [file]);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toLua(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return `{${value.map(toLua).join(',')}}`;
  if (typeof value === 'object') return `{${Object.entries(value).map(([key, item]) => `[${JSON.stringify(key)}]=${toLua(item)}`).join(',')}}`;
  return JSON.stringify(value);
}
