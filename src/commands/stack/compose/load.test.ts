import { expect, it } from 'vitest';
import { loadCompose } from './load.ts';
import { printCompose } from './print.ts';

const load = (...contents: string[]) =>
  printCompose(
    loadCompose(
      contents.map((content, index) => ({ name: `/site/${index}.yml`, content })),
      {
        environment: { TAG: '2', HOME: '/home/me' },
        workingDirectory: '/',
        warn: () => undefined,
      },
    ),
  );

it.each([
  [`$TAG \${TAG} $$TAG`, '2 2 $TAG'],
  [`\${TAG:-x}\${NONE:-y}\${NONE-z}\${TAG?needed}`, '2yz2'],
])('fills variables in: %s', (image, filled) => {
  expect(load(`services: {web: {image: "${image}"}}`)).toContain(`\n    image: ${filled}\n`);
});

it('brings short notations into their long form', () => {
  expect(
    load(
      'services: {web: {ports: ["8080:80/udp"], volumes: ["./a:/a:ro", "~/b:/b"], stop_grace_period: 90s}}',
    ),
  ).toBe(`version: "3.13"
services:
  web:
    ports:
      - mode: ingress
        target: 80
        published: 8080
        protocol: udp
    stop_grace_period: 1m30s
    volumes:
      - type: bind
        source: /site/a
        target: /a
        read_only: true
      - type: bind
        source: /home/me/b
        target: /b
`);
});

it('puts files over each other', () => {
  const merged = load(
    'services: {web: {image: a, command: x, ports: ["80:80"], environment: [A=1]}}',
    'services: {web: {image: b, ports: ["80:81", "90:90"], environment: {B: 2}}, db: {image: c}}',
  );
  expect(merged).toContain('image: b\n');
  expect(merged).toContain('command:\n      - x\n');
  expect(merged.match(/target: \d+/g)).toEqual(['target: 81', 'target: 90']);
  expect(merged).toContain('environment:\n      A: "1"\n      B: "2"\n');
  expect(merged).toContain('  db:\n    image: c\n');
});

it.each([
  [`services: {web: {image: "\${NONE:?no tag}"}}`, 'required variable NONE is missing a value: no tag'],
  ['services: {web: {imag: x}}', 'services.web Additional property imag is not allowed'],
  ['services: {web: {deploy: {replicas: many}}}', 'services.web.deploy.replicas must be a integer'],
  ['version: "2"', 'unsupported Compose file version: 2'],
  ['- a', 'top-level object must be a mapping'],
  ['services: {web: {volumes: ["vol:/a:ro:rw"]}}', 'too many colons'],
  ['volumes: {v: {external: true, driver: d}}', 'conflicting parameters "external" and "driver"'],
])('refuses %s', (content, message) => {
  expect(() => load(content)).toThrow(message);
});
