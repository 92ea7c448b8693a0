import { describe, expect, it } from 'vitest';
import type { OciSeccomp } from './oci.ts';
import { defaultSeccomp, parseSeccompProfile } from './seccomp.ts';

const names = (profile: OciSeccomp) =>
  new Set(profile.syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap((rule) => rule.names));

describe('the default seccomp profile', () => {
  const profile = defaultSeccomp('x64', ['CAP_CHOWN', 'CAP_SYS_CHROOT']);

  it('allows what programs need and nothing that changes the machine', () => {
    const allowed = names(profile);
    for (const name of ['read', 'openat2', 'clone', 'arch_prctl', 'chroot', 'futex_waitv']) {
      expect(allowed).toContain(name);
    }
    for (const name of [
      'mount',
      'reboot',
      'keyctl',
      'io_uring_setup',
      'userfaultfd',
      'bpf',
      'setns',
      'kexec_load',
    ]) {
      expect(allowed).not.toContain(name);
    }
    expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 });
  });

  it('covers the other architectures that the kernel runs', () => {
    expect(profile.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']);
    expect(defaultSeccomp('arm64', []).architectures).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']);
  });

  it('lets clone make no namespaces and says that there is no clone3', () => {
    expect(profile.syscalls).toContainEqual({
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    });
    expect(profile.syscalls).toContainEqual({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
  });

  it('keeps virtual machine sockets away', () => {
    const socket = profile.syscalls.find((rule) => rule.names.includes('socket'));
    expect(socket?.args).toEqual([{ index: 0, value: 40, op: 'SCMP_CMP_NE' }]);
  });

  it('allows more with a capability', () => {
    const admin = defaultSeccomp('x64', ['CAP_SYS_ADMIN']);
    expect(names(admin)).toContain('mount');
    expect(admin.syscalls.some((rule) => rule.action === 'SCMP_ACT_ERRNO')).toBe(false);
  });
});

describe('a profile from a client', () => {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      { name: 'chmod', action: 'SCMP_ACT_ERRNO' },
      { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      { names: ['bpf'], action: 'SCMP_ACT_ERRNO', excludes: { arches: ['amd64'] } },
      { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' }, args: [] },
    ],
  });

  it('keeps the rules whose conditions hold', () => {
    const profile = parseSeccompProfile(text, 'x64', [], '6.18.44');
    expect(profile.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
    expect(profile.syscalls).toEqual([
      { names: ['chmod'], action: 'SCMP_ACT_ERRNO' },
      { names: ['ptrace'], action: 'SCMP_ACT_ALLOW' },
    ]);
    expect(parseSeccompProfile(text, 'x64', [], '4.4.0').syscalls).toHaveLength(1);
    expect(parseSeccompProfile(text, 'x64', ['CAP_SYS_ADMIN'], '6.1').syscalls).toHaveLength(3);
  });

  it.each(['{', '[]', 'null', '{"defaultAction":1}'])('is refused when it is %s', (bad) => {
    expect(() => parseSeccompProfile(bad, 'x64', [], '6.1')).toThrow('Decoding seccomp profile failed');
  });
});
