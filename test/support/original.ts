import { againstOriginal } from './use-engine.ts';

/**
 * What networks, volumes and mounts do differently than the original, dockerd 20.10, and why they may. The tests of
 * the project `original` ask everything else of both, and expect the same answers.
 */
export const differences = {
  'an internal network has no way out': 'dockerd 20.10 gives a default route, and drops what goes there',
  'networks have priorities as ways out': 'they came with docker 28',
  'nobody sends in the name of a neighbour': 'dockerd guards no addresses within a bridge',
  'ports of 127.0.0.1 are the machine’s alone': 'dockerd before 28 lets neighbours in that have a route',
  'names of the world are remembered': 'dockerd asks again each time',
  'names survive a crash and leave port 53 alone':
    'the containers of dockerd end with it unless it is told otherwise',
  'copies keep the times of folders and links of links':
    'dockerd gives folders the time of the copy, and makes several links of one that has several names',
  'volumes survive a crash': 'the containers of dockerd end with it unless it is told otherwise',
  'named volumes are pruned on request': 'it came with version 1.42 of the API: before that all were pruned',
  'volumes of clusters are updated': 'it came with version 1.42 of the API',
  'parts of volumes are mounted': 'it came with docker 26',
  'images are mounted': 'it came with docker 28',
  'usage is asked for by type': 'it came with version 1.42 of the API',
} as const;

/** Whether the engine under test is the original, which differs in this. */
export function differs(_: keyof typeof differences): boolean {
  return againstOriginal.engine;
}
