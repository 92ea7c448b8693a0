import { EngineError, messageOf } from '../errors.ts';

/** What the attributes of a log speak of. */
export interface LogSubject {
  id: string;
  /** Without a slash. */
  name: string;
  imageId: string;
  /** As the container names it. */
  imageName: string;
  command: string;
  hostname: string;
  labels: Record<string, string>;
  /** As in `NAME=value`. */
  env: string[];
}

/** Options that give the lines of a log attributes. */
export const attributeOptions = ['labels', 'labels-regex', 'env', 'env-regex', 'tag'];

const shortLength = 12;

/** The fields that a tag may name, as dockerd fills them in. */
const tagFields = new Map<string, (subject: LogSubject) => string>(
  Object.entries({
    ID: ({ id }) => id.slice(0, shortLength),
    FullID: ({ id }) => id,
    ContainerID: ({ id }) => id,
    Name: ({ name }) => name,
    ContainerName: ({ name }) => `/${name}`,
    ImageID: ({ imageId }) => imageId.slice(0, shortLength),
    ImageFullID: ({ imageId }) => imageId,
    ContainerImageID: ({ imageId }) => imageId,
    ImageName: ({ imageName }) => imageName,
    ContainerImageName: ({ imageName }) => imageName,
    Command: ({ command }) => command,
    Hostname: ({ hostname }) => hostname,
    DaemonName: () => 'docker',
  } satisfies Record<string, (subject: LogSubject) => string>),
);

const nobody: LogSubject = {
  ...{ id: '', name: '', imageId: '', imageName: '', command: '', hostname: '' },
  ...{ labels: {}, env: [] },
};

/** Checks the options that give a log attributes. Throws `badParameter`, in dockerd's words where it has some. */
export async function checkAttributes(options: Record<string, string>): Promise<void> {
  try {
    await attributesOf(options, nobody);
  } catch (error) {
    throw new EngineError('badParameter', `failed to initialize logging driver: ${messageOf(error)}`);
  }
}

/** What of a container's labels and variables the options choose. Throws when a pattern is none. */
export async function chooseAttributes(
  options: Record<string, string>,
  subject: LogSubject,
): Promise<Map<string, string>> {
  const variables = subject.env.flatMap((entry) => {
    const at = entry.indexOf('=');
    return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)] as const];
  });
  const attributes = new Map<string, string>();
  await select(attributes, new Map(Object.entries(subject.labels)), options.labels, options['labels-regex']);
  await select(attributes, new Map(variables), options.env, options['env-regex']);
  return attributes;
}

/**
 * The attributes that stand before the lines of a log, as dockerd writes them: `name=value` with a comma between
 * them, sorted and escaped as in a query.
 */
export async function attributesOf(options: Record<string, string>, subject: LogSubject): Promise<string> {
  const attributes = await chooseAttributes(options, subject);
  const tag = fillIn(options.tag ?? '', subject);
  if (tag !== '') attributes.set('tag', tag);
  return [...attributes.keys()]
    .sort()
    .map((name) => `${quote(name)}=${quote(attributes.get(name) ?? '')}`)
    .join(',');
}

/** The tag of a container's messages: its short ID when there is no option that says otherwise. */
export function tagOf(options: Record<string, string>, subject: LogSubject): string {
  return fillIn(options.tag || '{{.ID}}', subject);
}

async function select(
  into: Map<string, string>,
  from: Map<string, string>,
  names = '',
  pattern = '',
): Promise<void> {
  for (const name of names.split(',')) {
    const value = from.get(name);
    if (value !== undefined) into.set(name, value);
  }
  if (pattern === '') return;
  // Matches in linear time, whatever the pattern, and in the dialect that dockerd has.
  const { RE2JS } = await import('re2js');
  const compiled = RE2JS.compile(pattern);
  for (const [name, value] of from) if (compiled.matcher(name).find()) into.set(name, value);
}

/** Fills in a tag: a Go template of nothing but fields. */
function fillIn(tag: string, subject: LogSubject): string {
  return tag.replace(/\{\{(.*?)(\}\}|$)/gs, (_, action: string, end: string) => {
    if (end === '') throw new Error('template: log-tag:1: unclosed action');
    const name = /^-?\s*\.(\w+)\s*-?$/.exec(action)?.[1];
    const field = name === undefined ? undefined : tagFields.get(name);
    if (field) return field(subject);
    throw new Error(
      `log opt 'tag' cannot have {{${action}}}: it knows the fields ${[...tagFields.keys()].join(', ')}`,
    );
  });
}

/** As url.QueryEscape of Go. */
function quote(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
