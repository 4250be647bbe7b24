// Asks an OFREP server through the OpenFeature SDK for Node: node ask.mjs URL TOKEN
// Each line of stdin is {"flag", "default", "context"}, each line of stdout the evaluation details.
import { createInterface } from 'node:readline';
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';

const [baseUrl, token] = process.argv.slice(2);
const provider = new OFREPProvider({ baseUrl, headers: [['Authorization', `Bearer ${token}`]] });
await OpenFeature.setProviderAndWait(provider);
const client = OpenFeature.getClient();
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const details = await client.getBooleanDetails(asked.flag, asked.default, asked.context);
  process.stdout.write(`${JSON.stringify(details)}\n`);
}
