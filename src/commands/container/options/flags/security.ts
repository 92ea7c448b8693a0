import { flag } from '../../../flag.ts';
import { checkDeviceRule } from '../resources.ts';
import { checkSysctl } from '../values.ts';
import { checkedList } from './kinds.ts';

const group = { group: 'Security and isolation' };

/** Rights, devices and namespaces. */
export const securityFlags = {
  privileged: flag.boolean({ summary: 'Give it all rights of root on this machine', ...group }),
  capAdd: flag.list({ value: 'capability', summary: 'Add a Linux capability', ...group }),
  capDrop: flag.list({ value: 'capability', summary: 'Take a Linux capability away', ...group }),
  securityOpt: flag.list({
    value: 'option',
    summary: 'Options such as no-new-privileges and seccomp=FILE',
    ...group,
  }),
  device: flag.list({ value: 'host[:inside[:rwm]]', summary: 'Add a device', ...group }),
  deviceCgroupRule: flag.custom({
    value: 'rule',
    summary: 'Allow devices, as in "c 42:* rmw"',
    ...group,
    ...checkedList(checkDeviceRule),
  }),
  sysctl: flag.custom({
    value: 'name=value',
    summary: 'Set a kernel parameter of its own',
    ...group,
    ...checkedList(checkSysctl),
  }),
  ipc: flag.string({
    value: 'mode',
    summary: 'IPC namespace: private, shareable, host, none, container:NAME',
    ...group,
  }),
  pid: flag.string({ value: 'mode', summary: 'PID namespace: host or container:NAME', ...group }),
  uts: flag.string({ value: 'mode', summary: 'UTS namespace: host', ...group }),
  userns: flag.string({ value: 'mode', summary: 'User namespace: host', ...group }),
  cgroupns: flag.string({
    value: 'mode',
    summary: 'Cgroup namespace: host or private',
    since: '1.41',
    ...group,
  }),
  runtime: flag.string({ value: 'name', summary: 'OCI runtime', ...group }),
  isolation: flag.string({ summary: 'Isolation (Windows)', hidden: true }),
};
