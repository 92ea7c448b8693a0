/** How many arguments a command takes; `hint` is how docker points at the help after a wrong number. */
export interface ArgumentRule {
  readonly least: number;
  readonly most: number;
  /** What is wrong with this number of arguments, docker's words after the command's name; null: nothing. */
  problem(count: number): string | null;
  readonly hint: 'see' | 'run';
}

const counted = (count: number) => `${count} argument${count === 1 ? '' : 's'}`;

/** No arguments at all. */
export const noArguments: ArgumentRule = {
  least: 0,
  most: 0,
  hint: 'run',
  problem: (count) => (count === 0 ? null : 'accepts no arguments'),
};

/** As many as there are. */
export const anyNumber: ArgumentRule = {
  least: 0,
  most: Number.POSITIVE_INFINITY,
  hint: 'run',
  problem: () => null,
};

export function exactly(number: number): ArgumentRule {
  return {
    least: number,
    most: number,
    hint: 'run',
    problem: (count) => (count === number ? null : `requires ${counted(number)}`),
  };
}

export function atLeast(number: number): ArgumentRule {
  return {
    least: number,
    most: Number.POSITIVE_INFINITY,
    hint: 'see',
    problem: (count) => (count >= number ? null : `requires at least ${counted(number)}`),
  };
}

export function atMost(number: number): ArgumentRule {
  return {
    least: 0,
    most: number,
    hint: 'run',
    problem: (count) => (count <= number ? null : `requires at most ${counted(number)}`),
  };
}

export function between(least: number, most: number): ArgumentRule {
  return {
    least,
    most,
    hint: 'run',
    problem: (count) =>
      count >= least && count <= most ? null : `requires at least ${least} and at most ${counted(most)}`,
  };
}
