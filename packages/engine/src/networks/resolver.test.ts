import { describe, expect, it } from 'vitest';
import { parseResolvConf, resolverForBridge } from './resolver.ts';

const text = `# made by hand
nameserver 127.0.0.53
nameserver 10.0.0.53   # the office
nameserver fe80::1%eth0
domain old.example
search corp.example  example
options edns0 trust-ad
;options debug
options ndots:2
`;
const untold = { dns: [], dnsSearch: [], dnsOptions: [] };

describe('resolv.conf', () => {
  it('is read: every server and option, the last search list', () => {
    expect(parseResolvConf(text)).toEqual({
      servers: ['127.0.0.53', '10.0.0.53', 'fe80::1%eth0'],
      search: ['corp.example', 'example'],
      options: ['edns0', 'trust-ad', 'ndots:2'],
    });
    expect(parseResolvConf('')).toEqual({ servers: [], search: [], options: [] });
  });

  it('loses the servers that a container could not reach', () => {
    expect(resolverForBridge(text, untold)).toEqual({
      servers: ['10.0.0.53'],
      search: ['corp.example', 'example'],
      options: ['edns0', 'trust-ad', 'ndots:2'],
    });
  });

  it.each(['', 'nameserver 127.0.0.1\n', 'nameserver ::1\n'])(
    'has public servers instead of none: %j',
    (conf) => {
      expect(resolverForBridge(conf, untold).servers).toEqual(['8.8.8.8', '8.8.4.4']);
    },
  );

  it('gives way to what the engine was told', () => {
    const told = { dns: ['9.9.9.9'], dnsSearch: ['.'], dnsOptions: ['rotate'] };
    expect(resolverForBridge(text, told)).toEqual({ servers: ['9.9.9.9'], search: [], options: ['rotate'] });
  });
});
