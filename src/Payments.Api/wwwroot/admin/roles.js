// @ts-check
import { session } from '../assets/session.js';

/**
 * What the signed-in person may do, by the roles in the token: only to leave out what would be refused. Whether it is
 * allowed, the API decides at every call.
 */
export const may = {
  /** Changes the catalog, replays events, erases people, decides on amounts that differ. */
  get administer() { return session.roles.includes('admin'); },
  get refund() { return session.roles.includes('admin') || session.roles.includes('support'); },
  get exportBooks() { return session.roles.includes('admin') || session.roles.includes('finance'); },
  get readAudit() { return session.isStaff; },
};
