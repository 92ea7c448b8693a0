/** Nouns of docker's that are no commands here, and why. */
export const leftOut: ReadonlyMap<string, string> = new Map([
  ['checkpoint', 'they are an experiment of dockerd, and need CRIU, which distributions do not ship'],
  ['plugin', 'plugins for volumes and networks run inside dockerd'],
  ['trust', 'it signs with Notary v1 servers, which docker has given up and whose keys are its own'],
]);
