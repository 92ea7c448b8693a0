import type { Topic } from './topic.ts';

const topic: Topic = {
  summary: 'What exit codes mean',
  sections: [
    {
      heading: 'All commands',
      entries: [
        ['0', 'Done.'],
        ['1', 'Not done, or done in part: every name that failed is told on standard error.'],
        ['64', 'A template of events, info or version that cannot work.'],
        ['125', 'A flag that is not known or has no such value.'],
        ['128 + N', 'Ended by signal N: 130 by Ctrl-C, 143 by SIGTERM.'],
      ],
    },
    {
      heading: 'run, start -a, attach and exec',
      entries: [
        ['the program’s own', 'Whatever the program in the container ended with.'],
        ['125', 'The engine could not do it.'],
        ['126', 'The program cannot be executed.'],
        ['127', 'The program, or something else that was named, is not there.'],
      ],
    },
    {
      heading: 'wait, build and system check',
      entries: [
        ['wait', 'Prints exit codes of containers and ends with 0 itself.'],
        ['build', 'A step that fails ends it with the exit code of its command.'],
        ['system check', '1 when something is missing that the engine needs.'],
      ],
    },
  ],
};

export default topic;
