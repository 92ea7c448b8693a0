import { randomBytes, randomInt } from 'node:crypto';
import { EngineError, messageOf } from '../errors.ts';

const adjectives =
  'able amber brave bright brisk calm candid cheerful clever cosy daring deft eager earnest fair fearless fleet \
frank gallant gentle glad golden hardy hearty honest humble jolly keen kind lively loyal lucid mellow merry mild \
neat nimble noble patient placid plucky polite proud quick quiet rapid ready roving salty serene silver sincere \
snug sober spry steady stout sunny swift tidy trusty upbeat valiant vivid warm wary wise witty zesty';

// Those who sailed, mapped, measured and built.
const surnames =
  'adams amundsen anson baffin banks baret barents beaufort beebe bering bowditch brunel byrd cabot cabral cavendish \
chichester chojnowska cochrane columbus cook cortereal cousteau dampier davis defoe drake earle ericson flinders \
franklin frobisher galvani gilbert grotius halley harrison heyerdahl hudson ibnmajid johnston lind magellan \
marconi maury melville mercator nansen newcomen noether ogilvie parry piccard plimsoll polo pytheas ross shackleton \
slocum somerville tasman tharp vancouver vespucci zheng';

const adjectiveList = adjectives.split(' ');
const surnameList = surnames.split(' ');

const pick = (list: string[]): string => list[randomInt(list.length)] ?? '';

/** Makes up names until one is free. */
export function inventName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${pick(adjectiveList)}_${pick(surnameList)}${attempt < 6 ? '' : randomInt(10 ** Math.min(attempt, 12))}`;
    if (!isTaken(name)) return name;
  }
}

/** Checks a name that was asked for and returns it without the slash that may stand before it. */
export function checkName(name: string): string {
  const bare = name.replace(/^\//, '');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare)) {
    throw new EngineError(
      'badParameter',
      `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  }
  return bare;
}

/** The same for a new name of a container that has one. */
export function checkNewName(name: string): string {
  try {
    return checkName(`/${name.replace(/^\//, '')}`);
  } catch (error) {
    throw new EngineError('badParameter', `error when allocating new name: ${messageOf(error)}`);
  }
}

/** A new ID. Its first 12 digits are a host name, too, and a host name must not be a number. */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}
