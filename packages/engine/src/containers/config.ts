import type { ContainerConfig, ImageConfig } from '@davit/api';
import { EngineError } from '../errors.ts';
import { cleanPath } from './paths.ts';

const keyOf = (variable: string): string => variable.split('=', 1)[0] ?? '';

/** Puts the variables of an image behind those that the user gave, without the ones that were given anew. */
function mergeEnvironment(user: string[] | null, image: string[] | null | undefined): string[] | null {
  if (!user?.length) return image ?? null;
  const given = new Set(user.map(keyOf));
  return [...user, ...(image ?? []).filter((variable) => !given.has(keyOf(variable)))];
}

function mergeKeys<T>(
  user: Record<string, T> | null,
  image: Record<string, T> | null | undefined,
): Record<string, T> | null {
  if (!user || Object.keys(user).length === 0) return image ?? null;
  return { ...image, ...user };
}

type Healthcheck = NonNullable<ContainerConfig['Healthcheck']>;

function mergeHealthcheck(user: Healthcheck | null, image: ImageConfig['Healthcheck']): Healthcheck | null {
  if (!image) return user;
  return {
    Test: user?.Test?.length ? user.Test : (image.Test ?? null),
    Interval: user?.Interval || image.Interval || 0,
    Timeout: user?.Timeout || image.Timeout || 0,
    StartPeriod: user?.StartPeriod || image.StartPeriod || 0,
    StartInterval: user?.StartInterval || image.StartInterval || 0,
    Retries: user?.Retries || image.Retries || 0,
  };
}

/** What runs: a new entrypoint forgets the image's command, and `[""]` means none at all. */
function mergeCommand(
  user: ContainerConfig,
  image: ImageConfig,
): Pick<ContainerConfig, 'Entrypoint' | 'Cmd' | 'ArgsEscaped'> {
  if (user.Entrypoint?.length) {
    const none = user.Entrypoint.length === 1 && user.Entrypoint[0] === '';
    return { Entrypoint: none ? null : user.Entrypoint, Cmd: user.Cmd, ArgsEscaped: user.ArgsEscaped };
  }
  const ownCommand = (user.Cmd?.length ?? 0) > 0;
  return {
    Entrypoint: user.Entrypoint ?? image.Entrypoint ?? null,
    Cmd: ownCommand ? user.Cmd : (image.Cmd ?? user.Cmd),
    ArgsEscaped: ownCommand ? user.ArgsEscaped : (image.ArgsEscaped ?? false),
  };
}

/** Completes what the user asked for with what the image says, as dockerd does. */
export function mergeConfig(user: ContainerConfig, image: ImageConfig): ContainerConfig {
  const merged: ContainerConfig = {
    ...user,
    ...mergeCommand(user, image),
    User: user.User || image.User || '',
    ExposedPorts: mergeKeys(user.ExposedPorts, image.ExposedPorts),
    Env: mergeEnvironment(user.Env, image.Env),
    Labels: { ...image.Labels, ...user.Labels },
    Healthcheck: mergeHealthcheck(user.Healthcheck, image.Healthcheck),
    WorkingDir: cleanWorkingDir(user.WorkingDir || image.WorkingDir || ''),
    Volumes: mergeKeys(user.Volumes, image.Volumes),
    StopSignal: user.StopSignal || image.StopSignal || '',
  };
  if (!merged.Entrypoint?.length && !merged.Cmd?.length) {
    throw new EngineError('badParameter', 'no command specified');
  }
  return merged;
}

function cleanWorkingDir(path: string): string {
  if (path === '') return '';
  if (!path.startsWith('/')) {
    throw new EngineError(
      'badParameter',
      `the working directory '${path}' is invalid, it needs to be an absolute path`,
    );
  }
  return cleanPath(path);
}

/** The program and its arguments. */
export function commandOf(config: ContainerConfig): { path: string; args: string[] } {
  const [path = '', ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return { path, args };
}
