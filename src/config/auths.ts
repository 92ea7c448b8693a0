import { documentPath, readDocument, writeDocument } from './document.ts';
import { callHelper, isNotFound } from './helper.ts';
import { objectOf, type Values } from './object.ts';

/** How a user shows a registry who he is. */
export interface Login {
  username: string;
  password: string;
  /** Takes the place of a password. */
  identityToken: string;
}

/** A login as config.json has it. */
export interface AuthEntry {
  /** Name and password in base64, with a colon between them. */
  auth?: string;
  identitytoken?: string;
}

/** The credentials of config.json and of the helper programs that it names. */
export interface LoginStore {
  /** What is known for a registry: a host, or hubAddress. */
  get(server: string): Promise<Login | null>;
  /** Keeps a login; returns the file it is in for all to read, or null when a helper has it. */
  put(server: string, login: Login): Promise<string | null>;
  remove(server: string): Promise<void>;
  /** All registries that something is known for. */
  servers(): string[];
  /** All that is known, as config.json has it without helpers, in the order of its names. */
  all(): Promise<Record<string, AuthEntry>>;
}

/** The name under which docker keeps the login of its hub. */
export const hubAddress = 'https://index.docker.io/v1/';

/** `https://host/path` → `host` */
export function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Helpers tell a token from a password by this name. */
const tokenUser = '<token>';

export function openLogins(directory: string, environment: Readonly<NodeJS.ProcessEnv>): LoginStore {
  const path = documentPath(directory);
  const helperFor = (values: Values, server: string): string =>
    textOf(objectOf(values.credHelpers)[hostOf(server)] ?? objectOf(values.credHelpers)[server]) ||
    textOf(values.credsStore);
  const ask = (helper: string, action: 'get' | 'store' | 'erase' | 'list', input: string) =>
    callHelper(helper, action, input, environment);
  const get = async (server: string): Promise<Login | null> => {
    const values = readDocument(path);
    const helper = helperFor(values, server);
    if (helper === '') {
      const auths = objectOf(values.auths);
      const key = server in auths ? server : Object.keys(auths).find((one) => hostOf(one) === server);
      return key === undefined ? null : loginOf(objectOf(auths[key]));
    }
    const answer = await ask(helper, 'get', server).catch((error) => {
      if (isNotFound(error)) return null;
      throw error;
    });
    if (answer === null) return null;
    const { Username, Secret } = objectOf(JSON.parse(answer));
    const secret = textOf(Secret);
    return Username === tokenUser
      ? { username: '', password: '', identityToken: secret }
      : { username: textOf(Username), password: secret, identityToken: '' };
  };

  return {
    servers() {
      const { auths, credHelpers } = readDocument(path);
      return Object.keys({ ...objectOf(auths), ...objectOf(credHelpers) });
    },

    get,

    async all() {
      const { auths, credHelpers, credsStore } = readDocument(path);
      const store = textOf(credsStore);
      const stored = store === '' ? objectOf(auths) : objectOf(JSON.parse(await ask(store, 'list', '')));
      const found = await Promise.all(
        Object.keys({ ...stored, ...objectOf(credHelpers) })
          .sort()
          .map(async (server) => [server, await get(server)] as const),
      );
      return Object.fromEntries(
        found.flatMap(([server, login]) => (login ? [[server, entryOf(login)]] : [])),
      );
    },

    async put(server, login) {
      const values = readDocument(path);
      const helper = helperFor(values, server);
      if (helper !== '') {
        const secret = login.identityToken || login.password;
        const Username = login.identityToken === '' ? login.username : tokenUser;
        await ask(helper, 'store', JSON.stringify({ ServerURL: server, Username, Secret: secret }));
        writeDocument(path, { ...values, auths: { ...objectOf(values.auths), [server]: {} } });
        return null;
      }
      const auths = { ...objectOf(values.auths), [server]: entryOf(login) };
      writeDocument(path, { ...values, auths });
      return path;
    },

    async remove(server) {
      const values = readDocument(path);
      const helper = helperFor(values, server);
      if (helper !== '') await ask(helper, 'erase', server);
      const auths = objectOf(values.auths);
      const names = Object.keys(auths).filter((one) => one === server || hostOf(one) === server);
      if (names.length === 0) return;
      const rest = Object.entries(auths).filter(([name]) => !names.includes(name));
      writeDocument(path, { ...values, auths: Object.fromEntries(rest) });
    },
  };
}

function entryOf({ username, password, identityToken }: Login): AuthEntry {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    ...((username !== '' || password !== '') && { auth }),
    ...(identityToken !== '' && { identitytoken: identityToken }),
  };
}

function loginOf(entry: Values): Login | null {
  const text = Buffer.from(textOf(entry.auth), 'base64').toString().replaceAll('\0', '');
  const colon = text.indexOf(':');
  const username = colon === -1 ? textOf(entry.username) : text.slice(0, colon);
  const password = colon === -1 ? textOf(entry.password) : text.slice(colon + 1);
  const identityToken = textOf(entry.identitytoken);
  return username === '' && identityToken === '' ? null : { username, password, identityToken };
}
