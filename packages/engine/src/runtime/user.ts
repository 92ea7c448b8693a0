import { EngineError } from '../errors.ts';
import type { OciUser } from './oci.ts';

/** A user of a container with all that was found out about it. */
export interface ResolvedUser extends OciUser {
  /** From the user's line in passwd; `/` when there is none. */
  home: string;
}

interface PasswdLine {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupLine {
  name: string;
  gid: number;
  members: string[];
}

const largestId = 2 ** 31 - 1;

/**
 * Finds the numbers behind `user[:group]` and the groups to add in the texts of a root's passwd and group files,
 * by docker's rules: a number is a number and needs no line, no user means root. The OCI runtime never sees
 * anything but numbers that were checked here.
 */
export function resolveUser(
  wish: string,
  groupAdd: readonly string[],
  files: { passwd: string; group: string },
): ResolvedUser {
  const separator = wish.indexOf(':');
  const userWish = separator < 0 ? wish : wish.slice(0, separator);
  const groupWish = separator < 0 ? '' : wish.slice(separator + 1);
  const users = parsePasswd(files.passwd);
  const groups = parseGroup(files.group);

  const line = findUser(users, userWish);
  const number = parseId(userWish);
  if (userWish && !line && number === null) {
    throw notFound(`unable to find user ${userWish}: no matching entries in passwd file`);
  }
  const uid = line?.uid ?? number ?? 0;
  checkId(uid);

  const supplementary = new Set<number>();
  let gid = line?.gid ?? 0;
  if (groupWish) gid = findGroup(groups, groupWish);
  else if (line) {
    for (const group of groups) if (group.members.includes(line.name)) supplementary.add(group.gid);
  }
  checkId(gid);
  for (const group of groupAdd) supplementary.add(findGroup(groups, group));
  for (const id of supplementary) checkId(id);
  return { uid, gid, additionalGids: [...new Set([gid, ...supplementary])], home: line?.home || '/' };
}

function notFound(message: string): EngineError {
  // dockerd finds out when the container starts, and calls it a failure of its own.
  return new EngineError('internal', message);
}

function findUser(users: PasswdLine[], wish: string): PasswdLine | undefined {
  const id = parseId(wish || '0');
  return users.find(({ name, uid }) => (id === null ? name === wish : uid === id));
}

function findGroup(groups: GroupLine[], wish: string): number {
  const id = parseId(wish) ?? groups.find(({ name }) => name === wish)?.gid;
  if (id === undefined) throw notFound(`unable to find group ${wish}: no matching entries in group file`);
  checkId(id);
  return id;
}

function parseId(text: string): number | null {
  return /^[+-]?\d+$/.test(text) ? Number(text) : null;
}

function checkId(id: number): void {
  if (id >= 0 && id <= largestId) return;
  throw notFound('uids and gids must be in range 0-2147483647');
}

function parsePasswd(text: string): PasswdLine[] {
  return fieldsOf(text).flatMap(([name = '', , userId = '', groupId = '', , home = '']) => {
    const [uid, gid] = [parseId(userId), parseId(groupId)];
    return uid === null || gid === null ? [] : [{ name, uid, gid, home }];
  });
}

function parseGroup(text: string): GroupLine[] {
  return fieldsOf(text).flatMap(([name = '', , gid = '', members = '']) => {
    const number = parseId(gid);
    return number === null ? [] : [{ name, gid: number, members: members.split(',').filter(Boolean) }];
  });
}

function fieldsOf(text: string): string[][] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line && !line.startsWith('#')).map((line) => line.split(':'));
}
