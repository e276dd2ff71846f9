// A provider of OpenID Connect for the browser test: node provider.mjs ISSUER DOMAIN CALLBACK. Whoever signs in as ben is
// ben at that domain; passwords are not looked at.
import Provider from "oidc-provider";

const [issuer, domain, callback] = process.argv.slice(2);
const provider = new Provider(issuer, {
  clients: [{ client_id: "insignia", client_secret: "a secret of:the client", redirect_uris: [callback] }],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@${domain}`, email_verified: true, name: "Ben Okafor" }),
  }),
  pkce: { required: () => true },
  cookies: { keys: ["the cookies of a test"] },
});
provider.listen(new URL(issuer).port, "127.0.0.1", () => console.log("ready"));
