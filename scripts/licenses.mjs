// Licences of the packages that a bundle is made of: they ask for their text wherever their code goes.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * The text that goes along with a bundle: of each package of which a module is in it, its name, version and licence.
 * `modules` are paths of files; throws when a package brings no text of its licence.
 */
export function licensesOf(modules) {
  const folders = new Set();
  for (const path of modules) {
    const [folder] = /^[^\0]*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(path) ?? [];
    if (folder) folders.add(folder);
  }
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry));
    if (!file) throw new Error(`the package ${name} has no text of its licence (${license})`);
    return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
  });
  return `davit contains code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
