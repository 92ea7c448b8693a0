import packet from 'dns-packet';

/** Answers of name servers, for as long as they say that they are true. */
export interface AnswerCache {
  get(key: string): Buffer | null;
  put(key: string, answer: Buffer): void;
}

const most = 4096;
/** Seconds for which an answer is kept at the longest: it is passed on with the age it had when it came. */
const longest = 30;

export function createCache(now: () => number = Date.now): AnswerCache {
  const kept = new Map<string, { answer: Buffer; until: number }>();
  return {
    get(key) {
      const found = kept.get(key);
      if (!found) return null;
      if (found.until > now()) return found.answer;
      kept.delete(key);
      return null;
    },
    put(key, answer) {
      const seconds = Math.min(longest, lifetimeOf(answer));
      if (seconds <= 0) return;
      const oldest = kept.keys().next();
      if (kept.size >= most && !oldest.done) kept.delete(oldest.value);
      kept.set(key, { answer, until: now() + seconds * 1000 });
    },
  };
}

/** Seconds for which an answer says that it is true, that a name is not there as well; 0 for one that failed. */
function lifetimeOf(answer: Buffer): number {
  try {
    const { flags = 0, answers = [], authorities = [] } = packet.decode(answer);
    const error = flags & 15;
    if ((error !== 0 && error !== 3) || flags & packet.TRUNCATED_RESPONSE) return 0;
    const lifetimes = [...answers, ...authorities].flatMap((record) =>
      'ttl' in record ? [record.ttl ?? 0] : [],
    );
    return lifetimes.length > 0 ? Math.min(...lifetimes) : 0;
  } catch {
    return 0;
  }
}
