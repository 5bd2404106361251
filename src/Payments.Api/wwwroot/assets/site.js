// @ts-check
/** Where the pages are. Beside the simulator the API serves sandbox/site.js in its place. */

/** Whether this is the sandbox, in which anyone on this machine may sign in as anyone. */
export const sandbox = false;
