import { describe, expect, it } from 'vitest';
import { elementCommands, type Redirect, tableCommands } from './ruleset.ts';

const redirect = (hostIp: string, hostPort: number, protocol: 'tcp' | 'udp' = 'tcp'): Redirect => ({
  containerPort: 80,
  protocol,
  hostIp,
  hostPort,
  target: '172.30.0.2',
});

describe('the elements of published ports', () => {
  it('go into the map for all addresses or that for one, and never for IPv6', () => {
    const redirects = [
      redirect('0.0.0.0', 8080),
      redirect('::', 8080),
      redirect('0.0.0.0', 8081, 'udp'),
      redirect('127.0.0.1', 8082),
    ];
    expect(elementCommands('add', 't', redirects)).toBe(
      'add element ip t published { tcp . 8080 : 172.30.0.2 . 80, udp . 8081 : 172.30.0.2 . 80 }; ' +
        'add element ip t published_at { 127.0.0.1 . tcp . 8082 : 172.30.0.2 . 80 }',
    );
    expect(elementCommands('delete', 't', redirects)).toBe(
      'delete element ip t published { tcp . 8080, udp . 8081 }; ' +
        'delete element ip t published_at { 127.0.0.1 . tcp . 8082 }',
    );
    expect(elementCommands('add', 't', [redirect('::', 80)])).toBe('');
    expect(elementCommands('add', 't', [{ ...redirect('::', 80), target: 'fd00::2' }])).toBe(
      'add element ip6 t published { tcp . 80 : fd00::2 . 80 }',
    );
  });
});

describe('the whole table', () => {
  it('is one line, which replaces what was there', () => {
    const commands = tableCommands('davit_x', {
      networks: [
        {
          ...{ bridge: 'davit0', subnet: '172.30.0.0/16', gateway: '172.30.0.1', subnet6: '', gateway6: '' },
          ...{ internal: false, masquerade: true, isolated: false, modes: { ip: 'nat', ip6: 'nat' } },
        },
      ],
      redirects: [redirect('0.0.0.0', 8080)],
      ports: [],
    });
    expect(commands).not.toContain('\n');
    expect(commands).toMatch(/^add table ip davit_x; delete table ip davit_x; add table ip6 davit_x; /);
    expect(commands).toContain('ip saddr 172.30.0.0/16 oifname != davit0 masquerade; ');
    expect(commands).toContain('oifname davit0 ct status dnat accept; oifname davit0 drop; }');
    expect(commands).toMatch(/; add element ip davit_x published \{ tcp \. 8080 : 172\.30\.0\.2 \. 80 \}$/);
  });
});
