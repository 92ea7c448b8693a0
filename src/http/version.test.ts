import { apiVersion } from '@davit/api';
import { describe, expect, it } from 'vitest';
import { createNegotiation } from './version.ts';

describe('createNegotiation', () => {
  it('asks again, once, when the engine is older', () => {
    const negotiation = createNegotiation();
    expect(negotiation.current).toBe(apiVersion);
    expect(negotiation.learn(400, { 'api-version': '1.41' }, apiVersion)).toBe(true);
    expect(negotiation.current).toBe('1.41');
    expect(negotiation.learn(400, { 'api-version': '1.41' }, '1.41')).toBe(false);
  });

  it('asks every request again that was under way meanwhile', () => {
    const negotiation = createNegotiation();
    negotiation.learn(400, { 'api-version': '1.41' }, apiVersion);
    expect(negotiation.learn(400, { 'api-version': '1.41' }, apiVersion)).toBe(true);
  });

  it('stays with its own version when the engine is newer', () => {
    const negotiation = createNegotiation();
    expect(negotiation.learn(400, { 'api-version': '1.99' }, apiVersion)).toBe(false);
    expect(negotiation.current).toBe(apiVersion);
  });

  it('keeps a fixed version whatever the engine says', () => {
    const negotiation = createNegotiation('1.30');
    expect(negotiation.settled).toBe(true);
    expect(negotiation.learn(400, { 'api-version': '1.24' }, '1.30')).toBe(false);
    expect(negotiation.current).toBe('1.30');
  });
});
