import { flag } from './flag.ts';

/** Flags before the command. */
export const globalFlags = {
  host: flag.list({ short: 'H', value: 'address', summary: 'Engine to use: unix://, tcp:// or ssh://' }),
  context: flag.string({ short: 'c', value: 'name', summary: 'Context to use, in place of DOCKER_HOST' }),
  config: flag.string({ value: 'directory', summary: 'Where config.json is (default ~/.docker)' }),
  debug: flag.boolean({ short: 'D', summary: 'Show where errors come from' }),
  logLevel: flag.string({
    short: 'l',
    value: 'level',
    summary: 'Least important message shown: debug, info, warn, error or fatal',
    choices: ['debug', 'info', 'warn', 'error', 'fatal'],
    default: 'info',
  }),
  tls: flag.boolean({ summary: 'Use TLS' }),
  tlscacert: flag.string({ value: 'file', summary: 'Trust certificates signed by this CA only' }),
  tlscert: flag.string({ value: 'file', summary: 'Certificate to show to the engine' }),
  tlskey: flag.string({ value: 'file', summary: 'Key of that certificate' }),
  tlsverify: flag.tristate({ summary: 'Use TLS and verify the engine' }),
  version: flag.boolean({ short: 'v', summary: 'Show the version' }),
};
