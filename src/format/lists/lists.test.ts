import type { ImageSummary, PortSummary } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { formatList } from '../list.ts';
import { containerList, describePorts, type ListedContainer } from './container.ts';
import { imageRows } from './image.ts';

const port = (PrivatePort: number, Type = 'tcp', PublicPort?: number, IP?: string): PortSummary => ({
  PrivatePort,
  Type,
  ...(PublicPort === undefined ? {} : { PublicPort }),
  ...(IP === undefined ? {} : { IP }),
});

describe('describePorts', () => {
  it.each<[string, PortSummary[], string]>([
    ['none', [], ''],
    ['one', [port(80)], '80/tcp'],
    ['neighbours', [port(82), port(80), port(81)], '80-82/tcp'],
    ['a gap', [port(80), port(81), port(90)], '80-81/tcp, 90/tcp'],
    ['protocols', [port(53), port(53, 'udp')], '53/tcp, 53/udp'],
    ['mapped', [port(80, 'tcp', 8080, '0.0.0.0')], '0.0.0.0:8080->80/tcp'],
    ['IPv6', [port(80, 'tcp', 8080, '::')], '[::]:8080->80/tcp'],
    [
      'mapped to itself',
      [port(80, 'tcp', 80, '127.0.0.1'), port(81, 'tcp', 81, '127.0.0.1')],
      '127.0.0.1:80-81->80-81/tcp',
    ],
    ['some of each', [port(7000), port(80, 'tcp', 8080, '0.0.0.0')], '7000/tcp, 0.0.0.0:8080->80/tcp'],
  ])('%s', (_name, ports, text) => {
    expect(describePorts(ports)).toBe(text);
  });
});

describe('the list of containers', () => {
  const now = new Date(1_700_000_000_000);
  const container: ListedContainer = {
    Id: 'a'.repeat(64),
    Names: ['/web', '/proxy/web'],
    Image: 'docker.io/library/busybox:1.36@sha256:0123',
    ImageID: `sha256:${'b'.repeat(64)}`,
    Command: 'sh -c "a long command line"',
    Created: 1_700_000_000 - 3600,
    Labels: { b: '2', a: '1' },
    Ports: [],
    State: 'running',
    Status: 'Up About an hour',
  };
  const line = (format: string, whole = false) =>
    formatList(containerList({ whole, now }), [container], format, { isTerminal: false });

  it('shortens what is long unless it is to be whole', async () => {
    const format = '{{.ID}} {{.Names}} {{.Image}} {{.Command}}';
    expect(await line(format)).toBe('aaaaaaaaaaaa web busybox:1.36 "sh -c \\"a long comma…"\n');
    expect(await line(format, true)).toBe(
      `${'a'.repeat(64)} web,proxy/web ${container.Image} "sh -c \\"a long command line\\""\n`,
    );
  });

  it('says the same with and without the template engine', async () => {
    const simple = 'table {{.ID}}\t{{.RunningFor}}\t{{ .Labels }}';
    const templated = 'table {{.ID}}\t{{.RunningFor}}\t{{/* */}}{{.Labels}}';
    expect(await line(simple)).toBe(await line(templated));
    expect(await line(simple)).toBe(
      'CONTAINER ID   CREATED             LABELS\naaaaaaaaaaaa   About an hour ago   a=1,b=2\n',
    );
  });

  it('shows the ID where the image has no name', async () => {
    const format = '{{.Image}}';
    const nameless = { ...container, Image: `sha256:${'b'.repeat(64)}` };
    const list = formatList(containerList({ whole: false, now }), [nameless], format, { isTerminal: false });
    expect(await list).toBe('bbbbbbbbbbbb\n');
  });

  it('can be YAML, of what JSON has', async () => {
    const columns = containerList({ whole: false, now });
    const target = { isTerminal: false };
    const yaml = await formatList(columns, [container], 'yaml', target);
    expect(yaml).toMatch(/^- Command: /);
    expect(yaml).toContain('\n  Labels: a=1,b=2\n');
    expect(await formatList(columns, [], 'yaml', target)).toBe('[]\n');
  });
});

describe('imageRows', () => {
  const image = (RepoTags: string[] | null, RepoDigests: string[] | null = null) =>
    ({ RepoTags, RepoDigests }) as ImageSummary;
  const names = (one: ImageSummary, digestRows = false) =>
    imageRows([one], { digestRows, digestShown: digestRows }).map(
      ({ repository, tag, digest }) => `${repository}|${tag}|${digest}`,
    );
  const digest = `sha256:${'c'.repeat(64)}`;

  it('has a row for each tag', () => {
    expect(names(image(['web:1', 'localhost:5000/web:2']))).toEqual([
      'web|1|<none>',
      'localhost:5000/web|2|<none>',
    ]);
  });

  it('has one for an image without a name', () => {
    expect(names(image(null))).toEqual(['<none>|<none>|<none>']);
    expect(names(image(['<none>:<none>'], ['<none>@<none>']))).toEqual(['<none>|<none>|<none>']);
  });

  it('shows digests beside their tags, or alone', () => {
    expect(names(image(['web:1'], [`web@${digest}`]), true)).toEqual([`web|1|${digest}`]);
    expect(names(image(['web:1'], [`web@${digest}`]))).toEqual(['web|1|<none>']);
    expect(names(image([], [`web@${digest}`]), true)).toEqual([`web|<none>|${digest}`]);
    expect(names(image([], [`web@${digest}`]))).toEqual(['web|<none>|']);
  });
});
