import { text } from 'node:stream/consumers';
import { routes } from '@davit/api';
import { hostOf, type Login, openLogins } from '../config/auths.ts';
import type { CommandContext } from '../context.ts';
import { CommandError } from '../exit.ts';
import { ask, askSecretly } from '../terminal/prompt.ts';
import { atMost, defineCommand, flag } from './command.ts';
import { serverFor } from './login-server.ts';

interface Options {
  username: string | undefined;
  password: string | undefined;
  passwordStdin: boolean;
}

/** Refuses flags that do not go together, in docker's words. */
export function checkOptions({ username, password, passwordStdin }: Options): void {
  if (passwordStdin && password !== undefined)
    throw new CommandError('conflicting options: cannot specify both --password and --password-stdin');
  if (passwordStdin && !username)
    throw new CommandError('the --password-stdin option requires --username to be set');
}

/** Takes the line end off that `echo` and editors put behind a password. */
export const withoutLineEnd = (password: string): string => password.replace(/\r?\n$/, '');

async function readLogin(options: Options, server: string, context: CommandContext): Promise<Login> {
  const { streams } = context;
  let { username = '', password = '' } = options;
  if (options.passwordStdin) password = withoutLineEnd(await text(streams.in.stream));
  else if (options.password !== undefined)
    await streams.err.line('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
  if ((username === '' || password === '') && !streams.in.isTerminal)
    throw new CommandError('Error: Cannot perform an interactive login from a non TTY device');
  if (username === '') username = await ask(streams, `Username for ${hostOf(server)}: `);
  if (username === '') throw new CommandError('Error: Non-null Username Required');
  if (password === '') password = await askSecretly(streams, 'Password: ');
  if (password === '') throw new CommandError('Error: Password Required');
  return { username, password, identityToken: '' };
}

async function login(options: Options, argument: string | undefined, context: CommandContext): Promise<void> {
  const { config, environment, streams } = context;
  const server = serverFor(argument);
  const logins = openLogins(config.directory, environment);
  const isGiven = options.username !== undefined || options.password !== undefined;
  const known = isGiven ? null : await logins.get(server);
  if (known) await streams.out.line('Authenticating with existing credentials...');
  const entered = known ?? (await readLogin(options, server, context));
  const client = await context.connect();
  const { IdentityToken, Status } = await client.call(routes.auth, {
    body: {
      ...{ username: entered.username, password: entered.password, serveraddress: server },
      ...(entered.identityToken === '' ? {} : { identitytoken: entered.identityToken }),
    },
    signal: context.signal,
  });
  // A token takes the password's place: that is not written down then.
  const kept = IdentityToken ? { ...entered, password: '', identityToken: IdentityToken } : entered;
  const path = await logins.put(server, kept);
  if (path !== null && !known) {
    await streams.err.line(
      `\nWARNING! Your credentials are stored unencrypted in '${path}'.\n` +
        'Configure a credential helper to remove this warning. See\n' +
        'https://docs.docker.com/go/credential-store/\n',
    );
  }
  if (Status) await streams.out.line(Status);
}

export default defineCommand({
  usage: '[OPTIONS] [SERVER]',
  summary: 'Authenticate to a registry',
  description:
    "Checks a user name and password with a registry, docker's hub when none is named, and keeps them for pull and " +
    'push: with the credential helper that config.json names, else in config.json itself.',
  examples: [
    { command: 'login registry.example.com', explanation: 'Asks for name and password' },
    {
      command: 'login -u ci --password-stdin registry.example.com < token',
      explanation: 'From a script, without the password showing up in the process list',
    },
  ],
  arguments: atMost(1),
  flags: {
    username: flag.string({ short: 'u', summary: 'User name', value: 'NAME' }),
    password: flag.string({ short: 'p', summary: 'Password or access token; others can see it' }),
    passwordStdin: flag.boolean({ summary: 'Read the password from standard input' }),
  },
  run: async (options, [server], context) => {
    checkOptions(options);
    await login(options, server, context);
    return 0;
  },
});
