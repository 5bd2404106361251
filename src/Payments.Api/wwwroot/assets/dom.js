// @ts-check
/** Building the page. Everything that is shown goes in as text; nothing here takes markup. */

/** @typedef {string | number | Node | null | undefined | false | Child[]} Child */
/** @typedef {Record<string, any> & { class?: string, dataset?: Record<string, string>, on?: Record<string, (event: any) => void>, style?: Record<string, string> }} Props */

/**
 * An element: `el('button', { class: 'button', type: 'button', on: { click: buy } }, 'Buy')`. Properties may be left out.
 * True stands for an attribute without a value; null, undefined and false (but for aria-*) for none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props | Child} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, props, ...children) {
  return /** @type {HTMLElementTagNameMap[Tag]} */ (made(document.createElement(tag), props, children));
}

/**
 * The same for SVG: `svg('path', { d: … })`.
 * @param {string} tag
 * @param {Props | Child} [props]
 * @param {...Child} children
 */
export function svg(tag, props, ...children) {
  return /** @type {SVGElement} */ (made(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children));
}

/**
 * @param {Element} node
 * @param {...Child} children
 */
export function replace(node, ...children) {
  node.replaceChildren(...nodes(children));
  return node;
}

/**
 * The element with this id, which the page is known to have.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

let last = 0;

/** An id for an element that another one refers to (label, describedby). @param {string} [name] */
export const freshId = (name = 'id') => `${name}-${++last}`;

/**
 * @param {HTMLElement | SVGElement} node
 * @param {Props | Child} props
 * @param {Child[]} children
 */
function made(node, props, children) {
  if (isProps(props)) {
    for (const [name, value] of Object.entries(props)) set(node, name, value);
  } else {
    children = [props, ...children];
  }

  node.append(...nodes(children));
  return node;
}

/** @param {Props | Child} value @returns {value is Props} */
const isProps = value => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Node);

/**
 * @param {HTMLElement | SVGElement} node
 * @param {string} name
 * @param {any} value
 */
function set(node, name, value) {
  if (name === 'class') node.setAttribute('class', value ?? '');
  else if (name === 'dataset') Object.assign(node.dataset, value);
  else if (name === 'on') for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  // The style attribute is what the policy forbids; a property at a time is allowed.
  else if (name === 'style') for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
  else if (name === 'value' && 'value' in node) node.value = value ?? '';
  else if (value === null || value === undefined || (value === false && !name.startsWith('aria-'))) return;
  else node.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
}

/** @param {Child[]} children @returns {Node[]} */
function nodes(children) {
  return /** @type {any[]} */ (children).flat(Infinity).filter(child => child !== null && child !== undefined && child !== false)
    .map(child => child instanceof Node ? child : document.createTextNode(String(child)));
}
