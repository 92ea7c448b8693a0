import { splitWords } from '../../images/words.ts';
import type { Instruction } from '../dockerfile/parse.ts';
import { at, neededSteps, type Rule, writtenName } from './rule.ts';

const isUpper = (text: string) => text === text.toUpperCase();
const isLower = (text: string) => text === text.toLowerCase();

/** The words of `FROM image AS name` after the flags. */
export const fromWords = (
  { rest }: Instruction,
  escapedBy: string,
): [image: string, as: string, name: string] => {
  const [image = '', as = '', name = ''] = splitWords(rest, escapedBy);
  return [image, as, name];
};

/** Rules on upper and lower case. */
export const casingRules: readonly Rule[] = [
  {
    name: 'StageNameCasing',
    summary: 'Names of stages should be in lower case',
    *check({ file, stages }) {
      for (const { from } of stages) {
        const [, , name] = fromWords(from, file.escapedBy);
        if (!isLower(name)) yield at(from, `The stage name '${name}' should be in lower case`);
      }
    },
  },
  {
    name: 'FromAsCasing',
    summary: "'as' should be written in the case of 'from'",
    *check({ file, stages }) {
      for (const { from } of stages) {
        const [, as] = fromWords(from, file.escapedBy);
        const written = writtenName(from);
        const isOther = (isUpper(written) && !isUpper(as)) || (isLower(written) && !isLower(as));
        if (isOther) yield at(from, `'${as}' and '${written}' are not written in the same case`);
      }
    },
  },
  {
    name: 'ConsistentInstructionCasing',
    summary: 'All instructions should be written in the same case',
    *check({ file }) {
      const written = file.instructions.map(writtenName);
      const isMostlyLower = written.filter(isLower).length > written.filter(isUpper).length;
      const fits = isMostlyLower ? isLower : isUpper;
      for (const [index, name] of written.entries()) {
        const instruction = file.instructions[index];
        if (instruction && !fits(name))
          yield at(
            instruction,
            `'${name}' should be in ${isMostlyLower ? 'lower' : 'upper'} case, as most instructions are`,
          );
      }
    },
  },
  {
    name: 'ExposeProtoCasing',
    summary: 'Protocols of EXPOSE should be in lower case',
    *check(input) {
      for (const step of neededSteps(input)) {
        if (step.name !== 'EXPOSE') continue;
        for (const word of splitWords(step.rest, input.file.escapedBy)) {
          const [, protocol = ''] = /\/([^/$]+)$/.exec(word) ?? [];
          if (!isLower(protocol)) yield at(step, `The protocol of '${word}' should be in lower case`);
        }
      }
    },
  },
];
