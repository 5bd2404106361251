// @ts-check

/** What becomes of credits that were spent before their money went back. @type {Record<string, string>} */
export const policies = { debt: 'become a debt', clamp: 'are let go', block: 'forbid a refund' };
