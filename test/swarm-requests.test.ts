import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { splitWords } from '../src/commands/service/spec/words.ts';
import { useRecorder } from './support/recorder.ts';
import { answers } from './swarm-cases/answers.ts';
import { createCases } from './swarm-cases/create.ts';
import { updateCases } from './swarm-cases/update.ts';

/** Lists whose order docker's client leaves to chance. */
const unordered = ['Secrets', 'Configs', 'Env', 'Ports'];

/** Arrays in a fixed order where docker's client has none, everything else as it is. */
function settled(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => settled(item));
    return unordered.includes(key) ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, item]) => [name, settled(item, name)]));
}

/** What is said about a flag that cannot be read is followed by help, which is ours. */
const firstWords = (text: string, code: number) =>
  (code === 125 ? (text.split('\n')[0] ?? '') : text.trimEnd()).replaceAll('davit', 'docker');

/** Other commands for services, that the manager need not run. */
const otherCases = `
scale -d web=5
scale -d web=5 min=x nope=3 glob=4 job=9
scale -d web=0
rollback -d web
rollback -d nope
logs nope
logs --since x web
inspect web min
inspect nope
inspect -f {{.Spec.Name}} web nope
inspect --pretty web
inspect --pretty min
inspect --pretty glob
inspect --pretty web glob
inspect --pretty -f x web
inspect --pretty nope
inspect -f pretty min
rm web nope
`;

/** Every so many of the cases are tried, all of them with `DAVIT_TEST_SWARM_STRIDE=1`. */
const stride = Number(process.env.DAVIT_TEST_SWARM_STRIDE ?? 6);

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .filter((_line, index) => index % stride === 0);

interface NetworkBody {
  Name: string;
  Driver: string;
  Labels: unknown;
  Options: unknown;
  Internal: boolean;
  Attachable: boolean;
  IPAM?: { Driver: string; Config: { Subnet: string }[] } | null;
}

const networkOf = ({ Name, Driver, Labels, Options, Internal, Attachable, IPAM }: NetworkBody) => ({
  Name,
  Driver,
  Labels: settled(Labels),
  Options: Options ?? null,
  Internal,
  Attachable,
  IPAM: IPAM ? { driver: IPAM.Driver, subnets: IPAM.Config.map(({ Subnet }) => Subnet) } : null,
});

describe('what a manager of a Swarm is asked', () => {
  const { tell, directory } = useRecorder(answers);

  async function compare(args: string[]): Promise<void> {
    const [ours, theirs] = await Promise.all([tell('davit', args), tell('docker', args)]);
    const shown = ({ code, stdout, stderr, sent }: typeof ours) => ({
      code,
      stdout,
      stderr: firstWords(stderr, code),
      sent: settled(sent),
    });
    expect(shown(ours)).toEqual(shown(theirs));
  }

  it.concurrent.each(lines(createCases))('is the same from davit and docker: service create %s', (line) =>
    compare(['service', 'create', '-d', ...splitWords(line)]),
  );
  it.concurrent.each(lines(updateCases))('is the same from davit and docker: service update %s', (line) =>
    compare(['service', 'update', '-d', ...splitWords(line)]),
  );
  it.concurrent.each(lines(otherCases))('is the same from davit and docker: service %s', (line) =>
    compare(['service', ...splitWords(line)]),
  );

  const composeCases = readFileSync(`${import.meta.dirname}/swarm-cases/compose.txt`, 'utf8');
  it.concurrent.each(lines(composeCases).map((line, index) => ({ line, index })))(
    'comes from compose files that davit and docker read alike: $line',
    async ({ line, index }) => {
      const folder = `${directory}/compose-${index}`;
      mkdirSync(folder);
      writeFileSync(`${folder}/compose.yml`, line.replace(/(?<!\\)\\n/g, '\n').replaceAll('\\\\', '\\'));
      const told = (name: 'davit' | 'docker') => tell(name, ['stack', 'config', '-c', 'compose.yml'], folder);
      const [ours, theirs] = await Promise.all([told('davit'), told('docker')]);
      const home = /run-\d+/g;
      const words = ({ code, stdout, stderr }: typeof ours) => ({
        code,
        stdout: stdout.replace(home, 'home'),
        // Warnings have a time and a form of their own in docker's client.
        stderr: code === 0 ? '' : stderr.trimEnd(),
      });
      expect(words(ours)).toEqual(words(theirs));
    },
  );

  it.each([
    [['-c', 'one.yml']],
    [['-c', 'one.yml', '-c', 'two.yml', '--with-registry-auth', '--resolve-image', 'never']],
  ])('is the same for a stack of %j', async (files) => {
    const folder = `${import.meta.dirname}/swarm-cases`;
    const args = ['stack', 'deploy', '--detach=true', ...files, 'shop'];
    const [ours, theirs] = await Promise.all([tell('davit', args, folder), tell('docker', args, folder)]);
    // Docker's client keeps to itself what a manager says of a new service.
    const warnings = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== 'mind the gap')
        .sort();
    expect(warnings(ours.stderr)).toEqual(warnings(theirs.stderr));
    const sorted = (text: string) => text.split('\n').sort();
    expect(sorted(ours.stdout)).toEqual(sorted(theirs.stdout));
    // What is null or empty of a network need not be sent.
    const requests = (told: typeof ours) =>
      told.sent
        .map(({ body, ...rest }) => ({
          ...rest,
          body: rest.request === 'POST /networks/create' ? networkOf(body as NetworkBody) : settled(body),
        }))
        .map((request) => JSON.stringify(request, null, 1))
        .sort();
    expect(requests(ours)).toEqual(requests(theirs));
    expect(ours.sent.length).toBeGreaterThan(4);
  });
});
