import { describe } from 'vitest';
import { conversation } from './support/conversation.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit } = await useEngine({ engine: 'dockerd' });

describe('davit with dockerd', () => conversation(davit, engine));
