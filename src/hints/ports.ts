import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { routes } from '@davit/api';
import type { CommandContext } from '../context.ts';

/** The words in which davitd and dockerd say that a port is taken. */
const taken = [
  /Bind for \S*:(\d+) failed: port is already allocated/,
  /failed to bind host port for \S+?:(\d+):\S*?:\d+\/\w+: address already in use/,
  /listen (?:tcp|udp|sctp)[46]? \S*:(\d+): bind: address already in use/,
];

/** Who holds the port that an error tells of: a container of the engine, or a program of this machine. */
export async function portHint(text: string, context: CommandContext): Promise<string> {
  const port = Number(taken.map((pattern) => pattern.exec(text)?.[1]).find(Boolean));
  if (!port) return '';
  const client = await context.connect();
  const containers = await client.call(routes.containerList);
  const holder = containers.find(({ Ports }) => Ports?.some(({ PublicPort }) => PublicPort === port));
  const name = holder?.Names[0]?.replace(/^\//, '');
  if (name) return `Port ${port} is published by the container ${name}.`;
  if (!context.endpoint.host.startsWith('unix://')) return '';
  const program = holderOfPort(port);
  return program ? `Port ${port} is in use by ${program.name} (PID ${program.pid}).` : '';
}

/** The states of sockets that hold a port, by their file in /proc/net: TCP listens, UDP is bound. */
const holding: Record<string, string> = { tcp: '0A', tcp6: '0A', udp: '07', udp6: '07' };

/** The program of this machine that holds a port; null where /proc does not tell, as about the programs of others. */
export function holderOfPort(port: number, proc = '/proc'): { pid: number; name: string } | null {
  const sockets = new Set(
    Object.entries(holding).flatMap(([file, state]) => inodesOf(read(`${proc}/net/${file}`), port, state)),
  );
  if (sockets.size === 0) return null;
  for (const pid of list(proc).filter((name) => /^\d+$/.test(name))) {
    const isHolder = list(`${proc}/${pid}/fd`).some((fd) => sockets.has(target(`${proc}/${pid}/fd/${fd}`)));
    if (isHolder) return { pid: Number(pid), name: read(`${proc}/${pid}/comm`).trim() || 'a program' };
  }
  return null;
}

/** The sockets in a table of /proc/net that hold a port, as links to them are named. */
function inodesOf(table: string, port: number, state: string): string[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local = '', , found]) => Number.parseInt(local.split(':')[1] ?? '', 16) === port && found === state,
    )
    .map((fields) => `socket:[${fields[9]}]`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function target(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
