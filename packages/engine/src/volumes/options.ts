import { EngineError } from '../errors.ts';
import { mountFlags } from '../kernel/mount.ts';

const bad = (message: string) => new EngineError('badParameter', message);

/** Options that cannot do without others, in the order in which docker looks at them. */
const needed: Record<string, string[]> = { device: ['type'], type: ['device'], o: ['device', 'type'] };

/** Checks the options of the driver `local`, in docker's words. */
export function checkOptions(options: Readonly<Record<string, string>>): void {
  for (const option of Object.keys(options)) {
    if (!['type', 'o', 'device', 'size'].includes(option))
      throw bad(`invalid option: ${JSON.stringify(option)}`);
  }
  const { size } = options;
  if (size !== undefined && !/^\d+(\.\d+)? ?([kmgtp]i?b?|b)?$/i.test(size))
    throw bad(`invalid size: '${size}'`);
  if (size !== undefined && Number.parseFloat(size) > 0)
    throw bad('quota size requested but no quota support');
  for (const [option, others] of Object.entries(needed)) {
    const missing = option in options && others.find((other) => !(other in options));
    if (missing) throw bad(`missing required option: ${JSON.stringify(missing)}`);
  }
  for (const value of Object.values(options))
    if (value.includes('\0')) throw bad('an option holds a NUL byte');
}

/** What `o` means to mount(2). */
export interface MountOptions {
  flags: number;
  /** How mounts are passed on; 0: as the kernel does it. */
  propagation: number;
  /** Options that are for the file system. */
  data: string;
}

const { readOnly, noSuid, noDevices, noPrograms, recursive, bind } = mountFlags;

/** Words of `o` that set flags, and those that take them back. */
const words: Record<string, [flags: number, isOn: boolean]> = {
  defaults: [0, true],
  ro: [readOnly, true],
  rw: [readOnly, false],
  nosuid: [noSuid, true],
  suid: [noSuid, false],
  nodev: [noDevices, true],
  dev: [noDevices, false],
  noexec: [noPrograms, true],
  exec: [noPrograms, false],
  sync: [mountFlags.synchronous, true],
  async: [mountFlags.synchronous, false],
  dirsync: [mountFlags.synchronousFolders, true],
  noatime: [mountFlags.noAccessTimes, true],
  atime: [mountFlags.noAccessTimes, false],
  nodiratime: [mountFlags.noFolderAccessTimes, true],
  diratime: [mountFlags.noFolderAccessTimes, false],
  relatime: [mountFlags.relativeAccessTimes, true],
  norelatime: [mountFlags.relativeAccessTimes, false],
  strictatime: [mountFlags.strictAccessTimes, true],
  nostrictatime: [mountFlags.strictAccessTimes, false],
  bind: [bind, true],
  rbind: [bind | recursive, true],
};

const propagations: Record<string, number> = {
  private: mountFlags.private,
  rprivate: mountFlags.private | recursive,
  shared: mountFlags.shared,
  rshared: mountFlags.shared | recursive,
  slave: mountFlags.slave,
  rslave: mountFlags.slave | recursive,
  unbindable: mountFlags.unbindable,
  runbindable: mountFlags.unbindable | recursive,
};

/** Reads `o` as mount(8) would. */
export function parseMountOptions(text: string): MountOptions {
  const options: MountOptions = { flags: 0, propagation: 0, data: '' };
  const rest: string[] = [];
  for (const word of text.split(',').filter(Boolean)) {
    const known = Object.hasOwn(words, word) ? words[word] : undefined;
    if (known) options.flags = known[1] ? options.flags | known[0] : options.flags & ~known[0];
    else if (Object.hasOwn(propagations, word)) options.propagation |= propagations[word] ?? 0;
    else rest.push(word);
  }
  return { ...options, data: rest.join(',') };
}
