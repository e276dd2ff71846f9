// Takes badges as a wallet does, with @openid4vc/openid4vci, which Credo uses too: from the offer's link to the
// credential, by OpenID4VCI 1.0.
//   reads  [{"name", "offer": link, "pin", "key": "did:key"|"did:jwk"|"jwk", "twice": boolean, "oldNonce": boolean}]
//   writes [{"name", "version": text, "holder": DID, "credentials": {format: text}, "faults": [text]}]
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {HashAlgorithm, clientAuthenticationAnonymous} from '@openid4vc/oauth2';
import {Openid4vciClient} from '@openid4vc/openid4vci';
import {exportJWK, generateKeyPair, SignJWT} from 'jose';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import {readJobs} from './world.mjs';

// answer has the test's own TLS server answer, as everything else here.
function answer(input, init = {}) {
  const {hostname, host, pathname, search} = new URL(input);
  const body = init.body === undefined ? undefined : String(init.body);
  const headers = {host, ...Object.fromEntries(new Headers(init.headers))};
  if(init.body instanceof URLSearchParams) {
    headers['content-type'] ??= 'application/x-www-form-urlencoded';
  }
  const options = {
    host: '127.0.0.1', port: Number(process.env.CONFORMANCE_PORT), servername: hostname, ca: fs.readFileSync(process.env.CONFORMANCE_CA),
    path: pathname + search, method: init.method ?? 'GET', headers: {...headers, 'content-length': Buffer.byteLength(body ?? '')}
  };
  return new Promise((resolve, reject) => {
    const request = https.request(options, got => {
      const parts = [];
      got.on('data', part => parts.push(part)).on('error', reject);
      got.on('end', () => resolve(new Response(Buffer.concat(parts), {status: got.statusCode, headers: got.headers})));
    });
    request.on('error', reject).end(body);
  });
}

const encode = value => Buffer.from(value).toString('base64url');

// newKey makes a key of the wallet's: how it signs, and how proofs name it.
async function newKey(kind) {
  if(kind === 'did:key') {
    const pair = await Ed25519Multikey.generate();
    const holder = `did:key:${pair.publicKeyMultibase}`;
    return {
      holder, signer: {method: 'did', didUrl: `${holder}#${pair.publicKeyMultibase}`, alg: 'EdDSA'},
      async sign(header, payload) {
        const text = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}`;
        return `${text}.${encode(await pair.signer().sign({data: Buffer.from(text)}))}`;
      }
    };
  }
  const {privateKey, publicKey} = await generateKeyPair('ES256');
  const {kty, crv, x, y} = await exportJWK(publicKey);
  const publicJwk = {kty, crv, x, y}, holder = `did:jwk:${encode(JSON.stringify(publicJwk))}`;
  const signer = kind === 'jwk' ? {method: 'jwk', publicJwk, alg: 'ES256'} : {method: 'did', didUrl: `${holder}#0`, alg: 'ES256'};
  return {holder, signer, sign: (header, payload) => new SignJWT(payload).setProtectedHeader(header).sign(privateKey)};
}

function newWallet(key) {
  return new Openid4vciClient({callbacks: {
    fetch: answer, clientAuthentication: clientAuthenticationAnonymous(),
    hash: (data, algorithm) => crypto.createHash(algorithm === HashAlgorithm.Sha512 ? 'sha512' : 'sha256').update(data).digest(),
    generateRandom: size => crypto.randomBytes(size),
    signJwt: async (signer, {header, payload}) => ({jwt: await key.sign(header, payload), signerJwk: signer.publicJwk ?? {kty: 'OKP'}})
  }});
}

async function take(job, report) {
  const key = await newKey(job.key), wallet = newWallet(key);
  report.holder = key.holder;
  const credentialOffer = await wallet.resolveCredentialOffer(job.offer);
  const issuerMetadata = await wallet.resolveIssuerMetadata(credentialOffer.credential_issuer);
  report.version = issuerMetadata.originalDraftVersion;
  const redeem = () => wallet.retrievePreAuthorizedCodeAccessTokenFromOffer({credentialOffer, issuerMetadata, txCode: job.pin});
  const {accessTokenResponse} = await redeem();
  if(job.twice) {
    await redeem();
  }
  let nonce;
  for(const credentialConfigurationId of credentialOffer.credential_configuration_ids) {
    if(!(job.oldNonce && nonce)) {
      nonce = (await wallet.requestNonce({issuerMetadata})).c_nonce;
    }
    const {jwt} = await wallet.createCredentialRequestJwtProof({issuerMetadata, credentialConfigurationId, signer: key.signer, nonce, issuedAt: new Date()});
    const {credentialResponse} = await wallet.retrieveCredentials({
      issuerMetadata, credentialConfigurationId, accessToken: accessTokenResponse.access_token, proofs: {jwt: [jwt]}
    });
    const [{credential}] = credentialResponse.credentials;
    const {format} = issuerMetadata.credentialIssuer.credential_configurations_supported[credentialConfigurationId];
    report.credentials[format] = typeof credential === 'string' ? credential : JSON.stringify(credential);
  }
}

const reports = [];
for(const job of await readJobs()) {
  const report = {name: job.name, version: '', holder: '', credentials: {}, faults: []};
  await take(job, report).catch(error => report.faults.push(`${error.name}: ${error.message} ${JSON.stringify(error.response ?? error.errorResponse ?? '')}`));
  reports.push(report);
}
process.stdout.write(JSON.stringify(reports));
