import { parsePlatform } from '../../images/platform.ts';
import { flagValue } from '../dockerfile/flags.ts';
import { fromWords } from './casing.ts';
import { at, type Rule } from './rule.ts';

/** Rules on FROM: names of stages and their platforms. */
export const stageRules: readonly Rule[] = [
  {
    name: 'DuplicateStageName',
    summary: 'Names of stages should be used once',
    *check({ stages }) {
      const known = new Set<string>();
      for (const { name, from } of stages) {
        if (name !== '' && known.has(name)) yield at(from, `There is a stage "${name}" already`);
        known.add(name);
      }
    },
  },
  {
    name: 'ReservedStageName',
    summary: 'Reserved words should not be names of stages',
    *check({ stages }) {
      for (const { name, from } of stages)
        if (name === 'scratch' || name === 'context')
          yield at(from, `"${name}" is reserved and no name for a stage`);
    },
  },
  {
    name: 'RedundantTargetPlatform',
    summary: 'A platform that is the usual one need not be given',
    *check({ stages }) {
      for (const { from } of stages) {
        const platform = flagValue(from.flags, 'platform') ?? '';
        if (/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform))
          yield at(from, `--platform=${platform} is what FROM does without it`);
      }
    },
  },
  {
    name: 'FromPlatformFlagConstDisallowed',
    summary: 'The platform of FROM should not be fixed',
    *check({ stages, file }) {
      for (const { from, name } of stages) {
        const platform = flagValue(from.flags, 'platform') ?? '';
        if (platform === '' || platform.includes('$')) continue;
        const [image] = fromWords(from, file.escapedBy);
        const { os, architecture } = parsePlatform(platform);
        // A stage that is named after its platform is one of several.
        const isOneOfSeveral = [os, architecture].some((word) => name.includes(word) || image.includes(word));
        if (!isOneOfSeveral) yield at(from, `--platform should not have the fixed value "${platform}"`);
      }
    },
  },
];
