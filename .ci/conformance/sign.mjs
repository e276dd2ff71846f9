// Makes badges with the JavaScript reference stack, good ones and altered copies, for Insignia to judge.
//   reads  {"issuer": "https://…", "now": date}
//   writes {"cases": [{"name", "file", "text", "want": "valid|altered|…"}], "resources": {url: {status, headers, body}}}
import {createCredential, createList} from '@digitalbazaar/vc-bitstring-status-list';
import {documentLoader, readJobs} from './world.mjs';
import {exportJWK, generateKeyPair, SignJWT} from 'jose';
import * as ecdsaSd2023 from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as eddsaJcs2022 from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as ecdsaRdfc2019} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc2022} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import jsigs from 'jsonld-signatures';
import * as vc from '@digitalbazaar/vc';

const {issuer: issuerURL, now} = await readJobs();
const origin = new URL(issuerURL).origin;
const before = new Date(Date.parse(now) - 86400e3).toISOString().replace(/\.\d+/, '');
const contextOB3 = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';
const cases = [], resources = {};
const methods = []; // keys of the https issuer

function serve(url, body, type = 'application/ld+json') {
  resources[url] = {status: 200, headers: {'Content-Type': type}, body: typeof body === 'string' ? body : JSON.stringify(body)};
}

// badge uses much of the vocabulary: lists, nested blank nodes, numbers, languages and odd characters.
function badge(issuer, {name = 'Réseaux & "noms" 🛰️', old = false, context = [], lists = true} = {}) {
  const id = `urn:uuid:${crypto.randomUUID()}`;
  const level = `urn:uuid:${crypto.randomUUID()}`, description = `urn:uuid:${crypto.randomUUID()}`;
  return {
    '@context': [old ? 'https://www.w3.org/2018/credentials/v1' : 'https://www.w3.org/ns/credentials/v2', contextOB3, ...context],
    id, type: ['VerifiableCredential', 'OpenBadgeCredential'], name,
    issuer: {id: issuer, type: ['Profile'], name: 'Conformance Institute', url: origin},
    ...old ? {issuanceDate: before} : {validFrom: before}, awardedDate: before,
    credentialSubject: {
      type: ['AchievementSubject'], activityStartDate: before, creditsEarned: 4.5,
      identifier: [{type: 'IdentityObject', hashed: true, identityType: 'emailAddress', salt: 'Kosher',
        identityHash: 'sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399'}],
      achievement: {
        id: `urn:uuid:${crypto.randomUUID()}`, type: ['Achievement'], achievementType: 'Certification', name,
        description: 'Line one\nline two\t"quoted" \\ back', criteria: {narrative: 'Pass *both* exams.'}, inLanguage: 'fr',
        tag: ['DNS', 'TLS', 'routage'], image: {id: `${origin}/image.png`, type: 'Image', caption: 'Badge'},
        alignment: [{type: ['Alignment'], targetName: 'Networks', targetUrl: 'https://skills.example/networks'},
          {type: ['Alignment'], targetName: 'Names', targetUrl: 'https://skills.example/names'}],
        resultDescription: [{id: description, type: ['ResultDescription'], name: 'Grade', resultType: lists ? 'RubricCriterionLevel' : 'LetterGrade',
          ...lists && {allowedValue: ['C', 'B', 'A'], rubricCriterionLevel: [{id: level, type: ['RubricCriterionLevel'], name: 'Good', level: 'B'}]}}]
      },
      result: [{type: ['Result'], resultDescription: description, value: 'B', ...lists && {achievedLevel: level}}]
    },
    evidence: [{type: ['Evidence'], narrative: 'Seen by two examiners.'}]
  };
}

// add keeps a badge and what an attacker would make of it.
function add(name, credential, want = 'valid') {
  cases.push({name, file: `${name}.json`, text: JSON.stringify(credential), want});
  if(want !== 'valid') {
    return;
  }
  const forge = (what, change) => {
    const forged = structuredClone(credential);
    change(forged);
    cases.push({name: `${name}, ${what}`, file: `${name} ${what}.json`, text: JSON.stringify(forged), want: 'not valid'});
  };
  forge('other achievement', c => c.credentialSubject.achievement.name = 'Master of Everything');
  forge('other recipient', c => c.credentialSubject.identifier[0].salt = 'Pepper');
  forge('later date', c => c[c.validFrom ? 'validFrom' : 'issuanceDate'] = now);
  forge('undefined member', c => c.credentialSubject.achievement.rank = 'gold');
  forge('other issuer', c => c.issuer.id = 'https://elsewhere.example/issuer');
  forge('no proof', c => delete c.proof);
}

const issue = (credential, suite) => vc.issue({credential, suite, documentLoader});

// keys are a pair for did:key and one that the https issuer lists.
async function keys(make) {
  const own = await make(), listed = await make();
  own.controller = `did:key:${own.publicKeyMultibase}`;
  own.id = `${own.controller}#${own.publicKeyMultibase}`;
  listed.controller = issuerURL;
  listed.id = `${issuerURL}#key-${methods.length + 1}`;
  methods.push({id: listed.id, type: 'Multikey', controller: issuerURL, publicKeyMultibase: listed.publicKeyMultibase});
  return [['did-key', own], ['https', listed]];
}

const ed25519 = await keys(() => Ed25519Multikey.generate());
const p256 = await keys(() => EcdsaMultikey.generate({curve: 'P-256'}));
const p384 = await keys(() => EcdsaMultikey.generate({curve: 'P-384'}));

for(const [suite, pairs, crypto] of [
  ['eddsa-rdfc-2022', ed25519, eddsaRdfc2022], ['ecdsa-rdfc-2019 P-256', p256, ecdsaRdfc2019],
  ['ecdsa-rdfc-2019 P-384', p384, ecdsaRdfc2019], ['eddsa-jcs-2022', ed25519, eddsaJcs2022.createSignCryptosuite()]
]) {
  for(const [how, key] of pairs) {
    const proof = () => new DataIntegrityProof({signer: key.signer(), cryptosuite: crypto});
    add(`${suite} ${how}`, await issue(badge(key.controller), proof()));
    add(`${suite} ${how} VCDM 1.1`, await issue(badge(key.controller, {old: true, context: ['https://w3id.org/security/data-integrity/v2']}), proof()));
  }
}

// Ed25519Signature2020
for(const [how, key] of ed25519) {
  const pair = await Ed25519VerificationKey2020.from({id: key.id, controller: key.controller, type: 'Ed25519VerificationKey2020',
    publicKeyMultibase: key.publicKeyMultibase, privateKeyMultibase: key.secretKeyMultibase});
  const suite = new Ed25519Signature2020({key: pair});
  const context = ['https://w3id.org/security/suites/ed25519-2020/v1'];
  add(`Ed25519Signature2020 ${how}`, await issue(badge(key.controller, {context}), suite));
  add(`Ed25519Signature2020 ${how} VCDM 1.1`, await issue(badge(key.controller, {old: true, context}), suite));
}

// ecdsa-sd-2023: a base proof, and what its holder may show of it. The package cannot do lists.
for(const [how, key] of p256) {
  const cryptosuite = ecdsaSd2023.createSignCryptosuite({mandatoryPointers: ['/type', '/issuer', '/validFrom', '/credentialSubject/identifier']});
  const base = await issue(badge(key.controller, {lists: false}), new DataIntegrityProof({signer: key.signer(), cryptosuite}));
  add(`ecdsa-sd-2023 base ${how}`, base, 'not valid');
  const derive = selectivePointers => vc.derive({verifiableCredential: base, documentLoader,
    suite: new DataIntegrityProof({cryptosuite: ecdsaSd2023.createDiscloseCryptosuite({selectivePointers})})});
  add(`ecdsa-sd-2023 all ${how}`, await derive(['/name', '/awardedDate', '/credentialSubject', '/evidence']));
  add(`ecdsa-sd-2023 part ${how}`, await derive(['/name', '/credentialSubject/achievement']));
}

// Two proofs on one badge.
const [, both] = ed25519[1];
const twice = await issue(badge(issuerURL), new DataIntegrityProof({signer: both.signer(), cryptosuite: eddsaRdfc2022}));
const second = await jsigs.sign({...twice, proof: undefined}, {documentLoader, purpose: new vc.CredentialIssuancePurpose(),
  suite: new DataIntegrityProof({signer: p256[1][1].signer(), cryptosuite: ecdsaRdfc2019})});
add('two proofs https', {...twice, proof: [twice.proof, second.proof].flat()});

// A status list with one bit set.
const list = await createList({length: 131072});
list.setStatus(4711, true);
const listURL = `${origin}/status/1`;
const listCredential = {...await createCredential({id: listURL, list, statusPurpose: 'revocation'}), issuer: issuerURL, validFrom: before};
serve(listURL, await issue(listCredential, new DataIntegrityProof({signer: both.signer(), cryptosuite: eddsaRdfc2022})), 'application/vc');
for(const [index, want] of [[4710, 'valid'], [4711, 'revoked']]) {
  const credential = badge(issuerURL);
  credential.credentialStatus = {id: `${listURL}#${index}`, type: 'BitstringStatusListEntry', statusPurpose: 'revocation',
    statusListIndex: String(index), statusListCredential: listURL};
  add(`status ${want}`, await issue(credential, new DataIntegrityProof({signer: both.signer(), cryptosuite: eddsaRdfc2022})), want);
}

// Run out, and not begun.
const late = badge(issuerURL);
late.validUntil = before;
add('expired', (await jsigs.sign(late, {documentLoader, purpose: new jsigs.purposes.AssertionProofPurpose(),
  suite: new DataIntegrityProof({signer: both.signer(), cryptosuite: eddsaRdfc2022})})), 'expired');

// VC-JWT
for(const alg of ['ES256', 'RS256', 'EdDSA']) {
  const {privateKey, publicKey} = await generateKeyPair(alg, {extractable: true});
  const jwk = await exportJWK(publicKey);
  const kid = `${issuerURL.replace(/[^/]*$/, '')}keys/${alg}.jwk`;
  serve(kid, {...jwk, kid, alg}, 'application/jwk+json');
  methods.push({id: kid, type: 'JsonWebKey2020', controller: issuerURL, publicKeyJwk: jwk});
  const did = `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`;
  for(const [how, issuer, id] of [['https', issuerURL, kid], ['did-jwk', did, `${did}#0`]]) {
    for(const old of [false, true]) {
      await addToken(`VC-JWT ${alg} ${how}${old ? ' VCDM 1.1' : ''}`, badge(issuer, {old}), privateKey, {alg, kid: id, typ: 'JWT'}, old);
    }
  }
}

async function addToken(name, credential, key, header, old) {
  const claims = {iss: credential.issuer.id, jti: credential.id, nbf: Math.floor(Date.parse(before) / 1000)};
  const payload = c => old ? {...claims, vc: c} : {...c, ...claims};
  const token = await new SignJWT(payload(credential)).setProtectedHeader(header).sign(key);
  cases.push({name, file: `${name}.jwt`, text: token, want: 'valid'});
  const forge = (what, text) => cases.push({name: `${name}, ${what}`, file: `${name} ${what}.jwt`, text, want: 'not valid'});
  const encode = v => Buffer.from(JSON.stringify(v)).toString('base64url');
  const [head, , signature] = token.split('.');
  const other = structuredClone(credential);
  other.credentialSubject.achievement.name = 'Master of Everything';
  forge('other achievement', [head, encode(payload(other)), signature].join('.'));
  forge('no algorithm', [encode({...header, alg: 'none'}), encode(payload(credential)), ''].join('.'));
  const stranger = await generateKeyPair(header.alg);
  forge('key of a stranger', await new SignJWT(payload(credential)).setProtectedHeader(header).sign(stranger.privateKey));
  forge('claim of another issuer', await new SignJWT({...payload(credential), iss: 'https://elsewhere.example/issuer'}).setProtectedHeader(header).sign(key));
}

serve(issuerURL, {
  '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
  id: issuerURL, verificationMethod: methods, assertionMethod: methods.map(m => m.id)
});
process.stdout.write(JSON.stringify({cases, resources}));
