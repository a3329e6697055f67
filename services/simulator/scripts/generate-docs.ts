// Writes the table of docs/simulator.md from the table of methods and the schema. Run: npm run generate -w @botplane/simulator
import { readFileSync, writeFileSync } from 'node:fs';
import { methodTable } from '../src/app/methods/table.ts';
import { BOT_API_VERSION, METHOD_LINES } from '../src/domain/generated/bot-api-schema.ts';
import { METHOD_NAMES } from '../src/domain/schema.ts';

const START = '<!-- generated: methods -->';
const END = '<!-- /generated -->';

const table = methodTable(() => undefined);
const rows = METHOD_NAMES.map((name) => {
  const line = METHOD_LINES.split('\n').find((one) => one.startsWith(`${name}(`)) ?? '';
  return { name, behaviour: table.get(name.toLowerCase())?.behaviour ?? 'refused', result: line.slice(line.lastIndexOf(') ') + 2).replaceAll('|', ' or ') };
});
const count = (behaviour: string): number => rows.filter((row) => row.behaviour === behaviour).length;

const file = new URL('../../../docs/simulator.md', import.meta.url);
const text = readFileSync(file, 'utf8');
const [before, after] = [text.indexOf(START), text.indexOf(END)];
if (before < 0 || after < 0) throw new Error(`docs/simulator.md lacks ${START} or ${END}`);
writeFileSync(file, `${text.slice(0, before + START.length)}
Bot API ${BOT_API_VERSION}: ${rows.length} methods, **${count('real')} real**, **${count('plausible')} plausible**, **${count('refused')} refused**. Any other name gets 404 \`Not Found: method not found\`.

| method | behaviour | answers |
|---|---|---|
${rows.map(({ name, behaviour, result }) => `| ${name} | ${behaviour} | ${result} |`).join('\n')}
${text.slice(after)}`);
