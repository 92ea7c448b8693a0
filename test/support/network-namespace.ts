import { randomBytes } from 'node:crypto';
import { run } from './command.ts';

/** A network namespace of a test's own, with only a loopback device. */
export interface NetworkNamespace {
  readonly name: string;
  readonly path: string;
  /** A command line that runs `argv` in it. Cgroups stay visible, which `ip netns exec` would hide. */
  enter(argv: string[]): string[];
  create(): Promise<void>;
  remove(): Promise<void>;
}

/** An address on the namespace's loopback device that is not 127.0.0.1. */
export const otherAddress = '198.51.100.1';

async function ip(...args: string[]): Promise<void> {
  const { code, stderr } = await run('ip', args);
  if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

export function networkNamespace(): NetworkNamespace {
  const name = `davit-test-${randomBytes(4).toString('hex')}`;
  const path = `/run/netns/${name}`;
  return {
    name,
    path,
    enter: (argv) => ['nsenter', `--net=${path}`, ...argv],
    async create() {
      await ip('netns', 'add', name);
      await ip('-n', name, 'link', 'set', 'lo', 'up');
      await ip('-n', name, 'address', 'add', `${otherAddress}/32`, 'dev', 'lo');
    },
    remove: () => ip('netns', 'delete', name),
  };
}
