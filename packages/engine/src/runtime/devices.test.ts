import { hostConfig } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { parseDeviceRule, resolveDevices, splitDeviceNumber } from './devices.ts';

describe('devices', () => {
  it('have a major and a minor number in one', () => {
    expect(splitDeviceNumber(0x103)).toEqual({ major: 1, minor: 3 });
    expect(splitDeviceNumber(0x12345678)).toEqual({ major: 0x456, minor: 0x12378 });
  });

  it('are looked up, with the right to use them', async () => {
    const asked = { PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'rw' };
    const devices = await resolveDevices(hostConfig({ Devices: [asked] }, ''));
    expect(devices.nodes).toMatchObject([{ type: 'c', path: '/dev/nothing', major: 1, minor: 3 }]);
    expect(devices.rules).toEqual([{ allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }]);
  });

  it('that are missing or none are refused in docker’s words', async () => {
    const asked = (path: string) =>
      resolveDevices(hostConfig({ Devices: [{ PathOnHost: path, PathInContainer: '/dev/x' }] }, ''));
    await expect(asked('/dev/nosuch')).rejects.toThrow(
      'error gathering device information while adding custom device "/dev/nosuch": no such file or directory',
    );
    await expect(asked('/etc/passwd')).rejects.toThrow('not a device node');
  });

  it('are allowed by rules', () => {
    expect(parseDeviceRule('c 42:* rmw')).toEqual({ allow: true, type: 'c', major: 42, access: 'rmw' });
    expect(() => parseDeviceRule('x 1:2 r')).toThrow("invalid device cgroup rule format: 'x 1:2 r'");
  });
});
