import { describe, expect, it } from 'vitest';
import { capabilityNames, chooseCapabilities, normalizeCapabilities } from './capabilities.ts';

const available = capabilityNames('000001fffeffffff');
const choose = (wishes: { privileged?: boolean; add?: string[]; drop?: string[] }) =>
  chooseCapabilities({ privileged: false, add: [], drop: [], ...wishes }, available);

describe('capabilities', () => {
  it('are read from the kernel’s set', () => {
    expect(capabilityNames('0000000000000003')).toEqual(['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
    expect(available).toHaveLength(40);
    expect(available).not.toContain('CAP_SYS_RESOURCE');
  });

  it('are docker’s fourteen by default', () => {
    expect(choose({})).toHaveLength(14);
  });

  it('are added and dropped in any spelling', () => {
    const chosen = choose({ add: ['net_admin', 'CAP_SYS_PTRACE'], drop: ['cap_chown'] });
    expect(chosen).toContain('CAP_NET_ADMIN');
    expect(chosen).toContain('CAP_SYS_PTRACE');
    expect(chosen).not.toContain('CAP_CHOWN');
  });

  it('ALL means all but what the other list names', () => {
    expect(choose({ drop: ['ALL'] })).toEqual([]);
    expect(choose({ drop: ['all'], add: ['KILL'] })).toEqual(['CAP_KILL']);
    const most = choose({ add: ['ALL'], drop: ['SYS_ADMIN'] });
    expect(most).toHaveLength(39);
    expect(most).not.toContain('CAP_SYS_ADMIN');
  });

  it('are never more than the engine can hand on', () => {
    expect(choose({ privileged: true })).toEqual(available);
    expect(choose({ add: ['SYS_RESOURCE'] })).not.toContain('CAP_SYS_RESOURCE');
  });

  it('that are unknown are refused', () => {
    expect(() => normalizeCapabilities(['FLY'])).toThrow('unknown capability: "CAP_FLY"');
  });
});
