// Writes the manual into man/, or another folder that is named, from the definitions that commands, flags, settings
// and help topics are made of.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groups, otherNames } from '../src/program.ts';
import { commandPage, commandPages, groupPage, pageName, programPage } from './manual/commands.ts';
import { configPage, daemonPage, templatesPage } from './manual/files.ts';

const directory = process.argv[2] ?? fileURLToPath(new URL('../man', import.meta.url));

const pages = new Map([
  ['davit.1', programPage()],
  ['davit-config.5', configPage()],
  ['davit-templates.7', templatesPage()],
  ['davitd.8', daemonPage()],
  ...groups.map((group) => [`${pageName(group.name)}.1`, groupPage(group)] as const),
]);
for (const [path, entry] of commandPages()) {
  const { default: command } = await entry.load();
  pages.set(`${pageName(path)}.1`, commandPage(path, otherNames(entry), command));
}

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
for (const [name, text] of pages) writeFileSync(join(directory, name), text);
