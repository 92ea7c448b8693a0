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
  /** Learns from the answer to a request of version `sent`; true when it must be sent again in the current one. */
  learn(status: number, headers: Record<string, string>, sent: string): boolean;
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
    learn(status, headers, sent) {
      if (!settled) {
        const theirs = headers['api-version'];
        if (theirs && isVersion(theirs)) current = negotiateVersion(theirs);
        settled = true;
      }
      return status === 400 && sent !== current && compareVersions(current, sent) < 0;
    },
  };
}
