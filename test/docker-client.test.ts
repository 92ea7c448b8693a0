import { describe } from 'vitest';
import { conversation } from './support/conversation.ts';
import { useEngine } from './support/use-engine.ts';

const { engine, davit: docker } = await useEngine({ client: 'docker' });

describe('the docker client with davitd', () => conversation(docker, engine));
