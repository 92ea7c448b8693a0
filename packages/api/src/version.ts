/** The newest Engine API version that davit speaks. */
export const apiVersion = '1.51';
/** The oldest one that is still answered. */
export const minimumApiVersion = '1.24';

/** Compares two versions like "1.41"; negative, zero or positive as the first is older, the same or newer. */
export function compareVersions(first: string, second: string): number {
  const [firstMajor = 0, firstMinor = 0] = first.split('.').map(Number);
  const [secondMajor = 0, secondMinor = 0] = second.split('.').map(Number);
  return firstMajor - secondMajor || firstMinor - secondMinor;
}

/** Whether a text is a version of the form N.N. */
export function isVersion(value: string): boolean {
  return /^\d{1,4}\.\d{1,4}$/.test(value);
}

/** The version a client of ours talks to a server that says it speaks `serverVersion`: the older of both. */
export function negotiateVersion(serverVersion: string | undefined): string {
  if (!serverVersion || !isVersion(serverVersion)) return minimumApiVersion;
  return compareVersions(serverVersion, apiVersion) < 0 ? serverVersion : apiVersion;
}
