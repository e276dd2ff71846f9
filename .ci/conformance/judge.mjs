// Judges Open Badges 3.0 documents with the JavaScript reference stack: jsonld.js in safe mode,
// @digitalbazaar/vc with Data Integrity and Bitstring Status List, and jose for tokens.
//   reads  [{"name", "kind": "credential|token|controller", "text"}]
//   writes [{"name", "verified", "faults": [text], "revoked": null|boolean, "facts": {}}]
import {documentLoader, fetchJSON, fetchText, readJobs} from './world.mjs';
import {checkStatus, decodeList} from '@digitalbazaar/vc-bitstring-status-list';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {compactVerify, decodeProtectedHeader, importJWK} from 'jose';
import addFormats from 'ajv-formats';
import Ajv2019 from 'ajv/dist/2019.js';
import {isDeepStrictEqual} from 'node:util';
import jsonld from 'jsonld';
import * as vc from '@digitalbazaar/vc';

const suite = [new DataIntegrityProof({cryptosuite: eddsaRdfc2022})];
const registeredClaims = ['iss', 'sub', 'jti', 'nbf', 'iat', 'exp', 'aud'];
const checkSchemas = process.env.CONFORMANCE_SCHEMAS === '1';
const schemas = new Map();
const leastEntries = 131072; // Bitstring Status List, "Generate a status list"

// safe finds terms, types and ids that JSON-LD would drop.
async function safe(document) {
  await jsonld.toRDF(document, {documentLoader, safe: true, base: null, produceGeneralizedRdf: false});
  for(const one of [].concat(await jsonld.expand(document, {documentLoader, safe: true, base: null}))) {
    absolute(one);
  }
}

function absolute(node) {
  if(Array.isArray(node)) {
    return node.forEach(absolute);
  }
  if(node === null || typeof node !== 'object') {
    return;
  }
  for(const [name, value] of Object.entries(node)) {
    for(const iri of name === '@type' && !('@value' in node) || name === '@id' ? [].concat(value) : []) {
      if(!URL.canParse(iri) && !iri.startsWith('_:')) {
        throw new Error(`${name} ${iri} is not absolute`);
      }
    }
    absolute(value);
  }
}

// conforms checks a credential against the schemas that it names itself.
async function conforms(credential) {
  for(const {id, type} of [credential.credentialSchema ?? []].flat()) {
    if(type !== '1EdTechJsonSchemaValidator2019') {
      throw new Error(`unknown kind of schema ${type}`);
    }
    if(!schemas.has(id)) {
      const ajv = new Ajv2019({strict: false, allErrors: true});
      addFormats(ajv);
      schemas.set(id, ajv.compile(await fetchJSON(id)));
    }
    const check = schemas.get(id);
    if(!check(credential)) {
      throw new Error(`against ${id}: ${check.errors.map(e => `${e.instancePath} ${e.message}`).join('; ')}`);
    }
  }
}

async function judgeCredential(text) {
  const credential = JSON.parse(text);
  await safe(credential);
  if(checkSchemas) {
    await conforms(credential);
  }
  const result = await vc.verifyCredential({credential: structuredClone(credential), suite, documentLoader, checkStatus});
  if(!result.verified) {
    const errors = [result.error?.errors ?? result.error ?? result.statusResult?.error].flat();
    throw new Error(errors.map(e => e?.cause?.message ? `${e.message}: ${e.cause.message}` : e?.message).join('; '));
  }
  const status = result.statusResult?.results?.map(r => r.status) ?? [];
  if(credential.credentialStatus) {
    await listOf(credential);
  }
  return {revoked: credential.credentialStatus ? status.includes(true) : null,
    facts: {issuer: credential.issuer.id ?? credential.issuer, key: result.results[0].proof.verificationMethod, id: credential.id}};
}

// verifyToken checks a token with the key that its header names, which its issuer must list.
async function verifyToken(text) {
  const header = decodeProtectedHeader(text);
  const key = await fetchJSON(header.kid, 'application/jwk+json, application/json');
  if('d' in key || key.kid !== undefined && key.kid !== header.kid) {
    throw new Error(`${header.kid} serves another key`);
  }
  const {payload} = await compactVerify(text, await importJWK(key, header.alg), {algorithms: ['ES256', 'RS256']});
  const claims = JSON.parse(new TextDecoder().decode(payload));
  const issuer = await fetchJSON(claims.issuer.id ?? claims.issuer);
  const listed = [issuer.assertionMethod].flat().includes(header.kid) && issuer.verificationMethod.find(m => m.id === header.kid);
  const {kid, alg, use, ...plain} = key;
  if(issuer.id !== claims.iss || !listed || listed.publicKeyJwk && !isDeepStrictEqual(sorted(listed.publicKeyJwk), sorted(plain))) {
    throw new Error(`the issuer ${issuer.id} does not list the key ${header.kid}`);
  }
  return {header, claims};
}

const sorted = key => ['kty', 'crv', 'x', 'y', 'n', 'e'].map(name => key[name]);

const seconds = date => Math.floor(Date.parse(date) / 1000);

async function judgeToken(text) {
  const {header, claims} = await verifyToken(text);
  const credential = Object.fromEntries(Object.entries(claims).filter(([name]) => !registeredClaims.includes(name)));
  await safe(credential);
  if(checkSchemas) {
    await conforms(credential);
  }
  const want = {iss: credential.issuer.id ?? credential.issuer, jti: credential.id, nbf: seconds(credential.validFrom),
    sub: [credential.credentialSubject].flat()[0].id, exp: credential.validUntil && seconds(credential.validUntil)};
  for(const [name, value] of Object.entries(want)) {
    if(claims[name] !== value) {
      throw new Error(`claim ${name} is ${claims[name]}, the credential says ${value}`);
    }
  }
  if('vc' in claims || header.typ !== undefined && header.typ !== 'JWT' || claims.nbf > Date.now() / 1000 || claims.exp <= Date.now() / 1000) {
    throw new Error(`bad header or claims: ${JSON.stringify(header)}`);
  }
  const list = await listOf(credential);
  return {revoked: list && list.bits.getStatus(list.index), facts: {issuer: want.iss, alg: header.alg, key: header.kid, id: credential.id}};
}

// listOf reads a credential's status list in its other form, the token; null when it has no status.
async function listOf({credentialStatus, issuer}) {
  if(!credentialStatus) {
    return null;
  }
  const {statusListCredential, statusListIndex, statusPurpose} = credentialStatus;
  const {text, type} = await fetchText(`${statusListCredential}.jwt`, 'application/vc+jwt, application/jwt');
  if(!/^application\/(vc\+)?jwt/.test(type)) {
    throw new Error(`the status list is served as ${type}`);
  }
  const {claims} = await verifyToken(text);
  const {credentialSubject: subject} = claims;
  const bits = await decodeList(subject);
  if(claims.id !== statusListCredential || subject.statusPurpose !== statusPurpose || bits.length < leastEntries ||
    !claims.type.includes('BitstringStatusListCredential') || subject.type !== 'BitstringStatusList' ||
    (claims.issuer.id ?? claims.issuer) !== (issuer.id ?? issuer)) {
    throw new Error(`the status list ${claims.id} is not the one that the credential names`);
  }
  return {bits, index: Number(statusListIndex)};
}

// judgeController finds whether a DID or controller document lists usable keys for assertions.
async function judgeController(text) {
  const document = JSON.parse(text);
  await safe(document);
  const resolved = (await documentLoader(document.id)).document;
  if(!isDeepStrictEqual(resolved, document)) {
    throw new Error(`${document.id} resolves to another document`);
  }
  const types = [];
  for(const id of document.assertionMethod) {
    const method = document.verificationMethod.find(m => m.id === id);
    if(method?.controller !== document.id) {
      throw new Error(`${id} is not a key of ${document.id}`);
    }
    types.push(method.type);
  }
  for(const other of document.alsoKnownAs ?? []) {
    const {document: twin} = await documentLoader(other);
    if(twin.id !== other || !twin.alsoKnownAs?.includes(document.id)) {
      throw new Error(`${other} does not answer for ${document.id}`);
    }
  }
  return {revoked: null, facts: {types: types.sort().join(' '), also: (document.alsoKnownAs ?? []).join(' ')}};
}

// judgeDocument only asks for JSON-LD that says what it means.
async function judgeDocument(text) {
  await safe(JSON.parse(text));
  return {revoked: null};
}

// judgeStatements gives what a document says, as N-Quads.
async function judgeStatements(text) {
  const options = {documentLoader, safe: true, base: null, format: 'application/n-quads'};
  return {revoked: null, facts: {quads: await jsonld.toRDF(JSON.parse(text), options)}};
}

const judges = {credential: judgeCredential, token: judgeToken, controller: judgeController, document: judgeDocument, statements: judgeStatements};
const reports = [];
for(const {name, kind, text} of await readJobs()) {
  try {
    reports.push({name, verified: true, faults: [], ...await judges[kind](text)});
  } catch(error) {
    const details = error.details ? ` ${JSON.stringify(error.details).slice(0, 600)}` : '';
    reports.push({name, verified: false, faults: [`${error.message}${details}`]});
  }
}
process.stdout.write(JSON.stringify(reports));
