// How the scripts reach documents: everything, contexts too, comes from the test's own TLS server, which
// plays every host there is (conformance_world_test.go). DIDs are resolved here, as a stranger would.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import fs from 'node:fs';
import https from 'node:https';

const port = Number(process.env.CONFORMANCE_PORT);
const ca = process.env.CONFORMANCE_CA && fs.readFileSync(process.env.CONFORMANCE_CA);
const anyJSON = 'application/vc, application/ld+json, application/did+json, application/json';
const contexts = new Map();

// fetchText gets what an https address serves; anything but 200 is an error.
export function fetchText(url, accept = anyJSON) {
  const {protocol, host, hostname, pathname, search} = new URL(url);
  if(protocol !== 'https:') {
    throw new Error(`no ${protocol} here: ${url}`);
  }
  return new Promise((resolve, reject) => {
    const options = {host: '127.0.0.1', port, servername: hostname, ca, path: pathname + search, headers: {accept, host}};
    https.get(options, answer => {
      const parts = [];
      answer.on('data', part => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if(answer.statusCode !== 200) {
          return reject(new Error(`${url} answered ${answer.statusCode} ${text.slice(0, 200)}`));
        }
        resolve({text, type: answer.headers['content-type'] ?? ''});
      });
    }).on('error', reject);
  });
}

export async function fetchJSON(url, accept) {
  const {text} = await fetchText(url, accept);
  try {
    return JSON.parse(text);
  } catch(error) {
    throw new Error(`${url} is not JSON: ${error.message}: ${text.slice(0, 80)}`);
  }
}

// didWebURL is where the document of a did:web is.
function didWebURL(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${host}/${path.length ? path.join('/') : '.well-known'}/did.json`;
}

async function didKeyDocument(did) {
  const publicKeyMultibase = did.slice('did:key:'.length);
  const id = `${did}#${publicKeyMultibase}`;
  const suite = publicKeyMultibase.startsWith('z6Mk') ? Ed25519Multikey : EcdsaMultikey;
  const pair = await suite.from({id, controller: did, type: 'Multikey', publicKeyMultibase});
  const key = await pair.export({publicKey: true, includeContext: false});
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did, verificationMethod: [key], assertionMethod: [id]
  };
}

function keyOf(document, url) {
  for(const one of [document.verificationMethod, document.assertionMethod].flat()) {
    if(one?.id === url) {
      return one;
    }
  }
  throw new Error(`${document.id} has no key ${url}`);
}

async function load(url) {
  if(url.startsWith('did:key:')) {
    return didKeyDocument(url);
  }
  return fetchJSON(url.startsWith('did:web:') ? didWebURL(url) : url);
}

// documentLoader is what jsonld.js asks for; a fragment is a key inside a document.
export async function documentLoader(url) {
  if(!contexts.has(url)) {
    const [address, fragment] = url.split('#');
    const document = await load(address);
    const answer = {contextUrl: null, documentUrl: url, document: fragment === undefined ? document : keyOf(document, url)};
    if(!document['@context'] || document.id) { // no context: it may change
      return answer;
    }
    contexts.set(url, answer);
  }
  return structuredClone(contexts.get(url));
}

// readJobs gives what the test wrote to standard input.
export async function readJobs() {
  const parts = [];
  for await (const part of process.stdin) {
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
