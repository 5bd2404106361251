// @ts-check
import { byId, el, replace } from '../assets/dom.js';
import { frame, problem } from '../assets/frame.js';
import { clock } from './clock.js';
import { control } from './controls.js';
import { deliveries } from './deliveries.js';
import { faults } from './faults.js';
import { mail } from './mail.js';
import { people } from './people.js';

/** The sandbox page: who to be, what time it is, what goes wrong, what was sent. */

const everySoOften = 3000;

frame({ page: 'sandbox' });

/** @type {[HTMLElement, () => Promise<void>][]} what happens meanwhile shows by itself */
const watched = [[byId('deliveries'), deliveries(byId('deliveries'))], [byId('mail'), mail(byId('mail'))]];

void part(byId('people'), () => people(byId('people')));
void part(byId('clock'), () => clock(byId('clock'), () => void look()));
void part(byId('faults'), () => faults(byId('faults')));
void part(byId('places'), places);
void watch();

async function watch() {
  for (;;) {
    if (!document.hidden) await look();
    await new Promise(resolve => setTimeout(resolve, everySoOften));
  }
}

async function look() {
  await Promise.all(watched.map(([section, refresh]) => part(section, refresh)));
}

/** One part that fails leaves the others standing. @param {HTMLElement} section @param {() => Promise<void>} work */
async function part(section, work) {
  try {
    await work();
    if (section.dataset.failed) problem(section, null);
    delete section.dataset.failed;
  } catch (error) {
    if (!section.dataset.failed) problem(section, error);
    section.dataset.failed = 'yes';
  }
}

async function places() {
  const { stripe, mail: mailPage } = await control('addresses');
  replace(byId('places'),
    el('a', { class: 'button', href: `${stripe}/dashboard` }, 'Stripe’s Dashboard'),
    mailPage && el('a', { class: 'button', href: mailPage }, 'Mailbox'),
    el('a', { class: 'button', href: '/swagger' }, 'API'));
}
