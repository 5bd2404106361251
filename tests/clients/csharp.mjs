// Makes the C# client: node csharp.mjs openapi.json PaymentsClient.cs
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [from, to] = process.argv.slice(2);
const document = JSON.parse(await readFile(from, 'utf8'));
// Whatever is no success is one exception with its problem: a branch for each status of each call would be nine tenths of the client.
for (const path of Object.values(document.paths)) {
  for (const operation of Object.values(path)) {
    operation.responses = {
      ...Object.fromEntries(Object.entries(operation.responses).filter(([status]) => status < 400)),
      default: { description: 'Refused.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    };
  }
}

const folder = await mkdtemp(join(tmpdir(), 'payments-client-'));
try {
  const input = join(folder, 'openapi.json');
  const output = join(folder, 'PaymentsClient.cs');
  await writeFile(input, JSON.stringify(document));
  const nswag = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/nswag/bin/binaries/Net100/dotnet-nswag.dll');
  execFileSync('dotnet', [nswag, 'openapi2csclient', `/input:${input}`, `/output:${output}`,
    '/namespace:Payments.Client', '/className:PaymentsClient', '/exceptionClass:PaymentsException', '/operationGenerationMode:SingleClientFromOperationId',
    '/jsonLibrary:SystemTextJson', '/generateOptionalParameters:true', '/generateNullableReferenceTypes:true', '/generateOptionalPropertiesAsNullable:true',
    '/useBaseUrl:false', '/injectHttpClient:true', '/disposeHttpClient:false', '/generateClientInterfaces:true', '/generateDataAnnotations:false',
    '/dateTimeType:System.DateTimeOffset', '/arrayType:System.Collections.Generic.IReadOnlyList', '/responseArrayType:System.Collections.Generic.IReadOnlyList', '/arrayInstanceType:System.Collections.Generic.List',
  ], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DOTNET_NOLOGO: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' } });
  const code = (await readFile(output, 'utf8')).replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
    // System.Text.Json does not read EnumMember, which NSwag still writes; the API wants the names as they are in the document.
    .replace(/^( *)(\[System\.Runtime\.Serialization\.EnumMember\(Value = @"([^"]*)"\)\])$/gm, '$1$2\n$1[System.Text.Json.Serialization.JsonStringEnumMemberName("$3")]');
  await writeFile(to, code.split('\n').map(line => line.trimEnd()).join('\n'));
} finally {
  await rm(folder, { recursive: true });
}
