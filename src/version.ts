import manifest from '../package.json' with { type: 'json' };

declare const DAVIT_BUILD: string | undefined;

/** davit's own version. */
export const version: string = manifest.version;

/** The commit that was built; `source` when davit runs from its sources. */
export const build: string = typeof DAVIT_BUILD === 'string' ? DAVIT_BUILD : 'source';

declare const DAVIT_BUILT: string | undefined;

/** When that commit was made, in RFC 3339; empty when that is not known. */
export const built: string = typeof DAVIT_BUILT === 'string' ? DAVIT_BUILT : '';

/** What `--version` prints; scripts read it, so the words are docker's. */
export function versionLine(program: string): string {
  return `${program === 'docker' ? 'Docker' : program} version ${version}, build ${build}`;
}
