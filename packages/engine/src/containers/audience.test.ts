import { describe, expect, it } from 'vitest';
import { createAudience } from './audience.ts';

describe('an audience', () => {
  /** Whether everybody is settled once all that is under way has been done. */
  async function isSettled(audience: ReturnType<typeof createAudience>): Promise<boolean> {
    let settled = false;
    void audience.settled().then(() => {
      settled = true;
    });
    await new Promise(setImmediate);
    return settled;
  }

  it('is settled when nobody is there', async () => {
    expect(await isSettled(createAudience())).toBe(true);
  });

  it('is settled when the last one leaves', async () => {
    const audience = createAudience();
    const [first, second] = [audience.enter(), audience.enter()];
    const settled = audience.settled();
    first.leave();
    expect(await isSettled(audience)).toBe(false);
    second.leave();
    await settled;
    expect(await isSettled(audience)).toBe(true);
  });

  it('does not wait for one that takes nothing, and waits again for one that goes on', async () => {
    const audience = createAudience();
    const seat = audience.enter();
    const settled = audience.settled();
    seat.hold(true);
    await settled;
    seat.hold(false);
    expect(await isSettled(audience)).toBe(false);
    seat.leave();
    expect(await isSettled(audience)).toBe(true);
  });
});
