// Makes the Postman collection: node postman.mjs openapi.json collection.json
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

// Before the converter is loaded: what it draws is drawn the same every time.
let drawn = 1;
Math.random = () => (drawn = (drawn * 16807) % 2147483647) / 2147483647;
const { default: converter } = await import('openapi-to-postmanv2');

const [from, to] = process.argv.slice(2);
const document = JSON.parse(await readFile(from, 'utf8'));
// One answer that is good and the problems of a call: their examples are in the document, and here they would be most of the file.
for (const path of Object.values(document.paths)) {
  for (const operation of Object.values(path)) {
    operation.responses = Object.fromEntries(Object.entries(operation.responses).filter(([status]) => status < 400));
  }
}

const options = {
  folderStrategy: 'Tags',
  requestNameSource: 'Fallback',
  requestParametersResolution: 'Example',
  exampleParametersResolution: 'Example',
  includeAuthInfoInExample: false,
  disableOptionalParameters: true,
  optimizeConversion: false,
  stackLimit: 50,
};
const collection = await new Promise((resolve, reject) => converter.convertV2({ type: 'json', data: document }, options, (error, made) =>
  error || !made.result ? reject(error ?? new Error(made.reason)) : resolve(made.output[0].data)));

collection.info._postman_id = idOf('collection');
collection.variable = [
  { key: 'baseUrl', value: 'http://127.0.0.1:8080', description: 'What ./run starts.' },
  { key: 'token', value: '', description: 'A user\'s token: ./run writes them into .local/sandbox.json.' },
  { key: 'internalKey', value: '', description: 'For the calls of your own services.' },
];
collection.auth = { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] };
settle(collection.item, '');
await writeFile(to, JSON.stringify(collection, null, 2) + '\n');

/** Ids that follow from where a thing stands, and who calls as the collection's variables say. */
function settle(items, above) {
  items.forEach((item, index) => {
    const place = `${above}/${index}`;
    item.id = idOf(place);
    if (item.item) return settle(item.item, place);
    item.request.auth = authOf(item.request.auth);
    item.response = (item.response ?? []).map((answer, number) => ({ ...answer, id: idOf(`${place}#${number}`) }));
    item.request.header = (item.request.header ?? []).map(header => header.key === 'Idempotency-Key' ? { ...header, value: '{{$guid}}', disabled: true } : header);
  });
}

function authOf(auth) {
  if (!auth || auth.type === 'noauth') return { type: 'noauth' };
  if (auth.type !== 'apikey') return undefined;
  return { type: 'apikey', apikey: [{ key: 'key', value: 'X-Internal-Api-Key', type: 'string' }, { key: 'value', value: '{{internalKey}}', type: 'string' }, { key: 'in', value: 'header', type: 'string' }] };
}

function idOf(place) {
  const hash = createHash('sha256').update(place).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
