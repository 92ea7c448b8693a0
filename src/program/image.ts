import type { CommandEntry, GroupEntry } from './entry.ts';

export const images: CommandEntry = {
  name: 'images',
  summary: 'List images',
  common: true,
  load: () => import('../commands/image/ls.ts'),
};
export const importImage: CommandEntry = {
  name: 'import',
  summary: 'Import the contents from a tarball to create a filesystem image',
  load: () => import('../commands/image/import.ts'),
};
const inspectImage: CommandEntry = {
  name: 'inspect',
  summary: 'Display detailed information on one or more images',
  load: () => import('../commands/image/inspect.ts'),
};
export const load: CommandEntry = {
  name: 'load',
  summary: 'Load an image from a tar archive or STDIN',
  load: () => import('../commands/image/load.ts'),
};
export const rmi: CommandEntry = {
  name: 'rmi',
  summary: 'Remove one or more images',
  load: () => import('../commands/image/rm.ts'),
};
export const historyOfImage: CommandEntry = {
  name: 'history',
  summary: 'Show the history of an image',
  load: () => import('../commands/image/history.ts'),
};
const pruneImages: CommandEntry = {
  name: 'prune',
  summary: 'Remove unused images',
  load: () => import('../commands/image/prune.ts'),
};
export const build: CommandEntry = {
  name: 'build',
  summary: 'Build an image from a Dockerfile',
  common: true,
  load: () => import('../commands/image/build.ts'),
};
export const pull: CommandEntry = {
  name: 'pull',
  summary: 'Download an image from a registry',
  common: true,
  load: () => import('../commands/image/pull.ts'),
};
export const push: CommandEntry = {
  name: 'push',
  summary: 'Upload an image to a registry',
  common: true,
  load: () => import('../commands/image/push.ts'),
};
export const save: CommandEntry = {
  name: 'save',
  summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  load: () => import('../commands/image/save.ts'),
};
export const tag: CommandEntry = {
  name: 'tag',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  load: () => import('../commands/image/tag.ts'),
};

/** The verbs of `image`. */
export const imageGroup: GroupEntry = {
  name: 'image',
  summary: 'Manage images',
  commands: [
    build,
    historyOfImage,
    importImage,
    inspectImage,
    load,
    { ...images, name: 'ls', aliases: ['list'] },
    pruneImages,
    pull,
    push,
    { ...rmi, name: 'rm', aliases: ['remove'] },
    save,
    tag,
  ],
};
