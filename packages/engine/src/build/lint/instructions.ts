import { jsonForm } from '../../images/changes.ts';
import { splitWords } from '../../images/words.ts';
import { at, neededStages, neededSteps, type Rule } from './rule.ts';

const single = ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'];

/** Rules on how single instructions are written. */
export const instructionRules: readonly Rule[] = [
  {
    name: 'NoEmptyContinuation',
    summary: 'An instruction that goes on should have no empty lines',
    *check({ file }) {
      for (const { line, endLine, heredocs } of file.instructions) {
        const documents = heredocs.reduce((sum, { content }) => sum + content.split('\n').length, 0);
        for (let number = line + 1; number <= endLine - documents; number += 1)
          if (file.source.lines[number - 1]?.trim() === '')
            yield {
              message: 'The line is empty, and the instruction goes on after it',
              line: number,
              endLine: number,
            };
      }
    },
  },
  {
    name: 'JSONArgsRecommended',
    summary: 'CMD and ENTRYPOINT should be lists: a shell keeps signals from the program',
    *check(input) {
      const chosen = new Set<number>();
      for (const { index, base, steps } of neededStages(input)) {
        // Who chooses a shell wants one.
        let isChosen = typeof base === 'number' && chosen.has(base);
        for (const step of steps) {
          isChosen ||= step.name === 'SHELL';
          const isCommand = (step.name === 'CMD' || step.name === 'ENTRYPOINT') && step.rest !== '';
          if (isCommand && !isChosen && !jsonForm(step.rest))
            yield at(
              step,
              `${step.name} should be a list as in ["a", "b"]: a shell keeps signals from the program`,
            );
        }
        if (isChosen) chosen.add(index);
      }
    },
  },
  {
    name: 'MaintainerDeprecated',
    summary: 'A label should say who maintains the image',
    *check({ file }) {
      for (const step of file.instructions)
        if (step.name === 'MAINTAINER')
          yield at(step, 'MAINTAINER is deprecated: use LABEL org.opencontainers.image.authors=…');
    },
  },
  {
    name: 'WorkdirRelativePath',
    summary: 'A relative WORKDIR leads elsewhere with another base image',
    *check(input) {
      const settled = new Set<number>();
      for (const { index, base, steps } of neededStages(input)) {
        let isSettled = typeof base === 'number' && settled.has(base);
        for (const step of steps) {
          if (step.name !== 'WORKDIR') continue;
          const isRelative = !/^["']?(?:\/|\$|[A-Za-z]:)/.test(step.rest);
          if (isRelative && !isSettled)
            yield at(step, `WORKDIR "${step.rest}" is relative to what the base image has`);
          isSettled = true;
        }
        if (isSettled) settled.add(index);
      }
    },
  },
  {
    name: 'MultipleInstructionsDisallowed',
    summary: 'Of several CMD, ENTRYPOINT and HEALTHCHECK of a stage only the last counts',
    *check(input) {
      for (const { steps } of neededStages(input))
        for (const name of single)
          for (const step of steps.filter((one) => one.name === name).slice(0, -1))
            yield at(step, `There is another ${name} in this stage, and only the last one counts`);
    },
  },
  {
    name: 'LegacyKeyValueFormat',
    summary: 'ENV and LABEL should be written with an equals sign',
    *check({ file }) {
      for (const step of file.instructions) {
        if (step.name !== 'ENV' && step.name !== 'LABEL') continue;
        const [first = ''] = splitWords(step.rest, file.escapedBy);
        if (!first.includes('='))
          yield at(step, `"${step.name} key value" is the old way: write "${step.name} key=value"`);
      }
    },
  },
  {
    name: 'ExposeInvalidFormat',
    summary: 'EXPOSE takes ports of the container alone',
    *check(input) {
      for (const step of neededSteps(input)) {
        if (step.name !== 'EXPOSE') continue;
        for (const word of splitWords(step.rest, input.file.escapedBy))
          if (word.replace(/\$\{[^}]*\}/g, '').includes(':'))
            yield at(step, `'${word}' names an address or a port of the host, which EXPOSE has no use for`);
      }
    },
  },
];
