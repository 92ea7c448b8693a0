import packet, { type DecodedPacket } from 'dns-packet';
import { beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../state/database.ts';
import {
  createNetworkStore,
  type NetworkStore,
  noWishes,
  plainNetwork,
  schema,
} from '../../state/networks.ts';
import { reserveEndpoint } from '../ipam.ts';
import { answerLocally, encodeForDatagram, reversed } from './answer.ts';
import { createCache } from './cache.ts';
import { createDirectory, type Directory } from './directory.ts';

let store: NetworkStore;
let directory: Directory;

const network = (name: string, subnet: string, gateway: string) => ({
  ...{ id: name, name, driver: 'bridge' as const, created: '', bridge: `br-${name}`, subnet, gateway },
  ...{ subnet6: '', gateway6: '', wishes: plainNetwork },
});
const front = network('front', '10.0.0.0/24', '10.0.0.1');
const back = network('back', '10.1.0.0/16', '10.1.0.1');

function join(container: string, place: typeof front, dnsNames: string[], links: string[] = []): void {
  const wishes = { ...noWishes, dnsNames, links };
  const endpoint = reserveEndpoint(store, place, { wishes, namespacePrefix: 'x' });
  store.giveEndpoint(endpoint.id, container, wishes);
  directory.changed();
}

beforeEach(() => {
  store = createNetworkStore(openDatabase(':memory:', [schema]));
  directory = createDirectory(store);
  for (const one of [front, back]) store.saveNetwork(one);
  join('app', front, ['app'], ['db:store']);
  join('db', front, ['db', 'base']);
  join('far', back, ['far', 'db']);
});

const ask = (name: string, type: 'A' | 'AAAA' | 'PTR' | 'MX'): DecodedPacket =>
  packet.decode(
    packet.encode({ id: 7, type: 'query', flags: packet.RECURSION_DESIRED, questions: [{ name, type }] }),
  );

function answers(container: string, name: string, type: 'A' | 'AAAA' | 'PTR' | 'MX' = 'A'): unknown[] | null {
  const answer = answerLocally(ask(name, type), container, directory);
  return answer && (answer.answers ?? []).map((one) => ('data' in one ? one.data : undefined));
}

describe('names', () => {
  it('are those of neighbours, in any case and with the network behind them', () => {
    expect(answers('app', 'DB')).toEqual(['10.0.0.3']);
    expect(answers('app', 'base.front')).toEqual(['10.0.0.3']);
    expect(answers('app', 'far')).toBeNull();
    expect(answers('far', 'db')).toEqual(['10.1.0.2']);
    expect(answers('nobody', 'db')).toBeNull();
  });

  it('may be known to one container alone', () => {
    expect(answers('app', 'store')).toEqual(['10.0.0.3']);
    expect(answers('db', 'store')).toBeNull();
  });

  it('have no other records, which is no reason to ask the world', () => {
    expect(answers('app', 'db', 'AAAA')).toEqual([]);
    expect(answers('app', 'db', 'MX')).toEqual([]);
  });

  it('are found by their addresses', () => {
    expect(answers('app', '3.0.0.10.in-addr.arpa', 'PTR')).toEqual(['db.front']);
    expect(answers('app', '2.0.1.10.in-addr.arpa', 'PTR')).toBeNull();
    expect(reversed('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa')).toBe(
      'fd00::1',
    );
    expect(reversed('example.com')).toBeNull();
  });

  it('go with their container', () => {
    const [endpoint] = store.endpointsOf('db');
    store.removeEndpoint(endpoint?.id ?? '');
    directory.changed();
    expect(answers('app', 'db')).toBeNull();
  });

  it('take turns, and are cut off where a datagram has no room', () => {
    for (let number = 0; number < 60; number++) join(`many${number}`, front, ['many']);
    const query = ask('many', 'A');
    const first = answers('app', 'many');
    expect(first).toHaveLength(60);
    expect(answers('app', 'many')?.[0]).not.toBe(first?.[0]);
    const answer = answerLocally(query, 'app', directory);
    const bytes = answer ? encodeForDatagram(answer, query) : Buffer.alloc(0);
    expect(bytes.length).toBeLessThanOrEqual(512);
    expect(packet.decode(bytes).flag_tc).toBe(true);
  });
});

describe('answers of the world', () => {
  const answer = (ttl: number, flags = 0) =>
    packet.encode({
      ...{ type: 'response', id: 1, flags, questions: [{ name: 'a.example', type: 'A' }] },
      answers: [{ name: 'a.example', type: 'A', ttl, data: '192.0.2.1' }],
    });

  it('are kept as long as they say, and half a minute at most', () => {
    let now = 0;
    const cache = createCache(() => now);
    cache.put('short', answer(5));
    cache.put('long', answer(3600));
    cache.put('never', answer(0));
    cache.put('failed', answer(60, 2));
    expect(cache.get('never')).toBeNull();
    expect(cache.get('failed')).toBeNull();
    now = 4_000;
    expect(cache.get('short')).not.toBeNull();
    now = 6_000;
    expect(cache.get('short')).toBeNull();
    expect(cache.get('long')).not.toBeNull();
    now = 31_000;
    expect(cache.get('long')).toBeNull();
  });

  it('are no reason to fall over when they are nonsense', () => {
    const cache = createCache();
    cache.put('x', Buffer.from('nonsense'));
    expect(cache.get('x')).toBeNull();
  });
});
