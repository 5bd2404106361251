// @ts-check
import { api, ApiProblem } from '../assets/api.js';
import { el, freshId, replace } from '../assets/dom.js';
import { when } from '../assets/format.js';
import { busy, problem } from '../assets/frame.js';
import { field } from './forms.js';
import { card, statusBadge, words } from './parts.js';

/** Why a person may use something, or why not. */

/** @param {string} userId */
export function explainPart(userId) {
  const answer = el('div', { class: 'stack', 'aria-live': 'polite' });
  const button = el('button', { class: 'button', type: 'submit' }, 'Explain');
  const types = el('datalist', { id: freshId('types') }, ['platform', 'course', 'learningPath', 'lab'].map(type => el('option', { value: type })));
  const form = el('form', { class: 'stack', novalidate: true },
    field({ name: 'resourceType', label: 'Type', value: 'platform', list: types.id, spellcheck: 'false', autocapitalize: 'none' }), types,
    field({ name: 'resourceId', label: 'Id', value: '*', hint: '* is all of the platform.', spellcheck: 'false', autocapitalize: 'none' }),
    el('div', button));
  form.addEventListener('submit', event => {
    event.preventDefault();
    void busy(button, async () => {
      problem(form, null);
      replace(answer);
      const values = new FormData(form);
      const [type, id] = ['resourceType', 'resourceId'].map(name => String(values.get(name)).trim());
      try {
        if (!type || !id) throw missing(type ? 'resourceId' : 'resourceType');
        replace(answer, explained(await api.get(`admin/users/${userId}/access/${encodeURIComponent(type)}/${encodeURIComponent(id)}/explain`)));
      } catch (error) {
        problem(form, error);
      }
    });
  });
  return card('May they use it?', form, answer);
}

/** @param {string} field */
const missing = field => new ApiProblem({ status: 400, detail: 'Say of what.', errors: { [field]: ['Say of what.'] } });

/** @param {Record<string, any>} explanation */
const explained = ({ allowed, until, reason, grants, missing: others }) => [
  el('p', { class: `notice ${allowed ? 'good' : 'bad'}` },
    el('strong', allowed ? 'Yes' : 'No'), allowed ? (until ? `, until ${when(until)}` : ', without an end') : until && `; it was over ${when(until)}`, ` (${words(reason).toLowerCase()}).`),
  grants.length > 0 && el('ul', { class: 'plain' }, grants.map(grantItem)),
  others.length > 0 && [el('h3', 'What could have given it'), el('ul', { class: 'plain' }, others.map(factItem))],
];

/** @param {Record<string, any>} grant */
const grantItem = grant => el('li',
  el('p', { class: 'row' }, statusBadge(grant.gives ? 'given' : grant.state === 'given' ? 'over' : grant.state), el('span', `${grant.resourceType}/${grant.resourceId}`)),
  el('p', { class: 'muted small' }, `By ${grant.source}, from ${when(grant.startsAt)}${grant.until ? ` until ${when(grant.until)}` : ''}`),
  grant.behind.length > 0 && el('ul', { class: 'plain' }, grant.behind.map(factItem)));

/** @param {Record<string, any>} fact */
const factItem = fact => el('li', { class: 'small' }, fact.text, ' ', el('span', { class: 'muted' }, `${words(fact.kind)} ${fact.state}${fact.at ? `, ${when(fact.at)}` : ''}`));
