import packet, { type DecodedPacket, type Packet } from 'dns-packet';
import { answerLocally, encodeForDatagram, reply, serverFailure } from './answer.ts';
import type { Directory } from './directory.ts';
import { createForwarder, type Transport } from './forward.ts';
import { type Listener, listenInside } from './listener.ts';

/**
 * Answers containers that ask for names, on an address of their own loopback device: who asks is known by the
 * socket, so that nobody can ask or answer in another's name, and no firewall of the host is in between.
 */
export interface NameServer {
  /** Does what takes long of `open` for a namespace that no container has yet. */
  prepare(namespace: string): Promise<void>;
  /** Begins to answer a container with this network namespace. */
  open(containerId: string, namespace: string): Promise<void>;
  close(containerId: string): void;
  /** Undoes `prepare`, where no container came. */
  discard(namespace: string): void;
  closeAll(): void;
  /** Containers have come, gone or changed their names. */
  changed(): void;
}

export interface NameServerDependencies {
  directory: Directory;
  /** The servers to ask for a container what the engine does not know. */
  upstreams(containerId: string): readonly string[];
}

export function createNameServer({ directory, upstreams }: NameServerDependencies): NameServer {
  /** By the containers that they answer, and by the namespaces of containers to come. */
  const open = new Map<string, Listener>();
  const prepared = new Map<string, Listener>();
  const forwarder = createForwarder();

  async function answer(containerId: string, query: Buffer, transport: Transport): Promise<Buffer | null> {
    const decoded = decode(query);
    if (!decoded) return null;
    const encode = (local: Packet) =>
      transport === 'udp' ? encodeForDatagram(local, decoded) : packet.encode(local);
    const local = answerLocally(decoded, containerId, directory);
    if (local) return encode(local);
    const servers = directory.isOpen(containerId) ? upstreams(containerId) : [];
    const found = await forwarder.ask(query, transport, servers);
    return found ?? encode(reply(decoded, [], serverFailure));
  }

  function close(containerId: string): void {
    open.get(containerId)?.close();
    open.delete(containerId);
  }

  function discard(namespace: string): void {
    prepared.get(namespace)?.close();
    prepared.delete(namespace);
  }

  return {
    async prepare(namespace) {
      prepared.set(namespace, await listenInside(namespace));
    },
    async open(containerId, namespace) {
      if (open.has(containerId)) return;
      const listener = prepared.get(namespace) ?? (await listenInside(namespace));
      prepared.delete(namespace);
      listener.serve((query, transport) => answer(containerId, query, transport));
      open.set(containerId, listener);
    },
    discard,
    close,
    closeAll() {
      for (const containerId of [...open.keys()]) close(containerId);
      for (const namespace of [...prepared.keys()]) discard(namespace);
    },
    changed: () => directory.changed(),
  };
}

function decode(query: Buffer): DecodedPacket | null {
  try {
    const decoded = packet.decode(query);
    return decoded.type === 'query' ? decoded : null;
  } catch {
    return null;
  }
}
