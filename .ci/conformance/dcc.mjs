// Judges Open Badges 3.0 credentials with DCC verifier-core, as VerifierPlus and the Learner Credential
// Wallet use it: with its own document loader, which fetches addresses as they are.
//   reads  [{"name", "kind": "credential", "text"}]
//   writes [{"name", "verified", "faults": [text], "revoked": null|boolean, "facts": {}}]
import {fetchText, readJobs} from './world.mjs';

// What it fetches comes from the test's own server, as everything else here.
globalThis.fetch = async (input, init) => {
  const url = typeof input === 'string' ? input : input.url ?? String(input);
  const headers = new Headers(init?.headers ?? input.headers);
  try {
    const {text, type} = await fetchText(url.split('#')[0], headers.get('accept') ?? '*/*');
    return new Response(text, {status: 200, headers: {'content-type': type}});
  } catch(error) {
    return new Response(error.message, {status: 404});
  }
};
const {verifyCredential} = await import('@digitalcredentials/verifier-core');

async function judge(text) {
  const result = await verifyCredential({credential: JSON.parse(text), knownDIDRegistries: []});
  const step = name => result.log?.find(one => one.id === name);
  const faults = (result.errors ?? []).map(error => `${error.name}: ${error.message?.message ?? error.message}`);
  for(const one of result.log ?? []) {
    if(!one.valid && one.id !== 'registered_issuer' && one.id !== 'revocation_status') {
      faults.push(`${one.id} does not hold: ${JSON.stringify(one).slice(0, 500)}`);
    }
  }
  const status = step('revocation_status');
  return {verified: faults.length === 0 && step('valid_signature')?.valid === true, faults, revoked: status ? !status.valid : null, facts: {}};
}

const reports = [];
for(const {name, text} of await readJobs()) {
  reports.push({name, ...await judge(text)});
}
process.stdout.write(JSON.stringify(reports));
