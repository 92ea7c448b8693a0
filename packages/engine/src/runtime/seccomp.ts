import { EngineError } from '../errors.ts';
import type { OciSeccomp, OciSyscall, OciSyscallArg } from './oci.ts';
import { allowed, allowedWithArchitecture, allowedWithCapability } from './syscalls.ts';

const allow = 'SCMP_ACT_ALLOW';
const eperm = 1;
const enosys = 38;
/** Address family of virtual machine sockets: they would reach the host of the machine past all network rules. */
const vsock = 40;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const newNamespaces = 0x7e020000;
/** PER_LINUX, PER_LINUX32, UNAME26 with either, and the question which one it is. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** Architectures by Node's name, with those whose programs such a kernel runs as well. */
const architectures: Record<string, string[]> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  ppc64: ['SCMP_ARCH_PPC64LE'],
};

/** The names that profiles use for architectures: Go's. */
const profileArchitecture: Record<string, string> = { x64: 'amd64', ppc64: 'ppc64le' };

/** What a container may ask of the kernel unless it is told otherwise, given the capabilities it has. */
export function defaultSeccomp(architecture: string, capabilities: readonly string[]): OciSeccomp {
  const rule = (names: readonly string[], ...args: OciSyscallArg[]): OciSyscall =>
    args.length > 0 ? { names: [...names], action: allow, args } : { names: [...names], action: allow };
  const equals = (value: number): OciSyscallArg => ({ index: 0, value, op: 'SCMP_CMP_EQ' });
  const names = [...allowed, ...(allowedWithArchitecture[architecture] ?? [])];
  const syscalls = [
    rule(names),
    rule(['socket'], { index: 0, value: vsock, op: 'SCMP_CMP_NE' }),
    ...personalities.map((value) => rule(['personality'], equals(value))),
  ];
  for (const [capability, more] of Object.entries(allowedWithCapability)) {
    if (capabilities.includes(capability)) syscalls.push(rule(more));
  }
  if (!capabilities.includes('CAP_SYS_ADMIN')) {
    // On s390 the flags are the second argument.
    const index = architecture === 's390x' ? 1 : 0;
    syscalls.push(rule(['clone'], { index, value: newNamespaces, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }));
    // Its flags are in memory, where no filter can see them: C libraries fall back to clone.
    syscalls.push({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: enosys });
  }
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: eperm,
    architectures: architectures[architecture],
    syscalls,
  };
}

interface ProfileRule extends Omit<OciSyscall, 'names' | 'args'> {
  name?: string;
  names?: string[];
  args?: OciSyscallArg[] | null;
  includes?: ProfileCondition;
  excludes?: ProfileCondition;
}

interface ProfileCondition {
  caps?: string[] | null;
  arches?: string[] | null;
  minKernel?: string;
}

interface Profile extends Omit<OciSeccomp, 'syscalls'> {
  archMap?: { architecture: string; subArchitectures?: string[] | null }[] | null;
  syscalls?: ProfileRule[] | null;
}

/** Turns a profile in docker's format, as a client sends its text, into what the OCI runtime takes. */
export function parseSeccompProfile(
  text: string,
  architecture: string,
  capabilities: readonly string[],
  kernel: string,
): OciSeccomp {
  const invalid = (why: string) => new EngineError('badParameter', `Decoding seccomp profile failed: ${why}`);
  let profile: Profile;
  try {
    profile = JSON.parse(text) as Profile;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (typeof profile?.defaultAction !== 'string') throw invalid('no defaultAction');
  if (profile.archMap && profile.architectures) {
    throw invalid(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  }
  const own = architectures[architecture]?.[0];
  const mapped = profile.archMap?.find((entry) => entry.architecture === own);
  const facts = { arch: profileArchitecture[architecture] ?? architecture, capabilities, kernel };
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(profile.flags && { flags: profile.flags }),
    ...(mapped && { architectures: [mapped.architecture, ...(mapped.subArchitectures ?? [])] }),
    ...(profile.architectures && { architectures: profile.architectures }),
    syscalls: (profile.syscalls ?? []).filter((rule) => applies(rule, facts)).map(toOci),
  };
}

interface RuleFacts {
  arch: string;
  capabilities: readonly string[];
  kernel: string;
}

function applies({ includes, excludes }: ProfileRule, facts: RuleFacts): boolean {
  const has = (capability: string) => facts.capabilities.includes(capability);
  if (excludes?.arches?.includes(facts.arch) || excludes?.caps?.some(has)) return false;
  if (excludes?.minKernel && isAtLeast(facts.kernel, excludes.minKernel)) return false;
  if (includes?.arches?.length && !includes.arches.includes(facts.arch)) return false;
  if (includes?.caps && !includes.caps.every(has)) return false;
  return !includes?.minKernel || isAtLeast(facts.kernel, includes.minKernel);
}

/** Whether a kernel's release is not older than a version. */
export function isAtLeast(kernel: string, minimum: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function toOci({ name, names, action, errnoRet, args }: ProfileRule): OciSyscall {
  return {
    names: names ?? (name ? [name] : []),
    action,
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args?.length && { args }),
  };
}
