// @ts-check
/** Served as /assets/site.js beside the simulator. */

/** Whether this is the sandbox, in which anyone on this machine may sign in as anyone. */
export const sandbox = true;
