type CommandLine = (template: string) => string[];

/** The command line that shows one object by a template, or a list of which the template is tried first. */
export const objectCommands: Record<string, CommandLine> = {
  container: (template) => ['container', 'inspect', '--format', template, 'web'],
  image: (template) => ['image', 'inspect', '--format', template, 'shop/web:1.0'],
  network: (template) => ['network', 'inspect', '--format', template, 'shop'],
  volume: (template) => ['volume', 'inspect', '--format', template, 'shop-data'],
  ps: (template) => ['ps', '--all', '--format', template],
  images: (template) => ['images', '--format', template],
};

/** The same for every other list, and for what an engine tells of itself. */
export const listCommands: Record<string, CommandLine> = {
  ...Object.fromEntries(
    ['network ls', 'volume ls', 'node ls', 'secret ls', 'config ls', 'service ls', 'context ls'].map(
      (list) => [list, (template: string) => [...list.split(' '), '--format', template]],
    ),
  ),
  history: (template) => ['history', '--format', template, 'shop/web:1.0'],
  search: (template) => ['search', '--format', template, 'busybox'],
  info: (template) => ['info', '--format', template],
  version: (template) => ['version', '--format', template],
  df: (template) => ['system', 'df', '--format', template],
  'df -v': (template) => ['system', 'df', '-v', '--format', template],
  stats: (template) => ['stats', '--no-stream', '--format', template, 'web'],
  events: (template) => ['events', '--since', '0', '--until', '1', '--format', template],
};
