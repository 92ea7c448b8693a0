import { apiVersion, compareVersions, isVersion, negotiateVersion } from '@davit/api';

/**
 * Which version of the API is spoken. As long as that is not known requests go out in the newest one: an engine
 * that is older refuses every such request before it does anything, and names its own version in a header.
 * So there is a second round trip only with engines that are older, and never one more than docker's ping.
 */
export interface Negotiation {
  /** The version for the next request. */
  readonly current: string;
  /** Whether an answer, or the user, has settled it. */
  readonly settled: boolean;
  /** Learns from the head of an answer; true when the request must be sent again in the version learned. */
  learn(status: number, headers: Record<string, string>): boolean;
}

/** Starts a negotiation; a `fixed` version is used as it is and never negotiated. */
export function createNegotiation(fixed?: string): Negotiation {
  let current = fixed ?? apiVersion;
  let settled = fixed !== undefined;
  return {
    get current() {
      return current;
    },
    get settled() {
      return settled;
    },
    learn(status, headers) {
      if (settled) return false;
      const theirs = headers['api-version'];
      settled = true;
      if (!theirs || !isVersion(theirs)) return false;
      const older = compareVersions(theirs, current) < 0;
      current = negotiateVersion(theirs);
      return older && status === 400;
    },
  };
}
