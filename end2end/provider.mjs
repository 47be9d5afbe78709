// A real identity provider for tests, on loopback: npm `oidc-provider` with a handful of accounts, a login page that a browser or a
// test can fill in, and ways to change what a test needs changed. Prints {"issuer": …} once it answers; ends when its input does.
//
// PORT: where to listen, any free port when absent. CONFORM=1: claims come from the user info only, as the standard has it; otherwise
// they are in the ID token too.
//
// Accounts are their own names and have no passwords. Attributes: see ACCOUNTS.
//   POST /control/accounts/NAME  {"attributes": […], "email_verified": …}  changes an account
//   POST /control/token          {"account": …, "claims": {…}, "kid": …, "alg": …, "typ": …}  signs a token as the provider would
//   POST /control/keys           {"add": "second"} or {"withdraw": "first"}  changes what /jwks publishes
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider from 'oidc-provider';

// Its remarks go elsewhere than what is read from it.
console.info = console.warn = console.error;

const SEES = ['storage:aips:list', 'storage:aips:read', 'storage:aips:workflows:list', 'storage:locations:list', 'storage:locations:read', 'storage:locations:aips:list'];
const ACCOUNTS = {
  requester: [...SEES, 'storage:aips:create', 'storage:aips:download', 'storage:aips:move', 'storage:aips:fixity', 'storage:aips:deletion:request', 'storage:locations:*'],
  reviewer: [...SEES, 'storage:aips:deletion:review', 'storage:aips:deletion:report', 'storage:aips:download'],
  reader: SEES,
  nobody: [],
  administrator: ['*'],
};
const CLIENT = { id: 'strongroom', secret: 'not-much-of-a-secret' };
const PROGRAM = { id: 'depositor', secret: 'a-secret-of-a-program' };
const AUDIENCE = 'strongroom';

const accounts = new Map(
  Object.entries(ACCOUNTS).map(([name, attributes]) => [
    name,
    { sub: `id-of-${name}`, email: `${name}@example.org`, email_verified: true, name: `The ${name}`, preferred_username: name, attributes },
  ]),
);
const bySub = (sub) => [...accounts.values()].find((account) => account.sub === sub);

async function key(kid, alg) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const common = { kid, alg, use: 'sig' };
  return { kid, alg, privateKey, private: { ...(await exportJWK(privateKey)), ...common }, public: { ...(await exportJWK(publicKey)), ...common } };
}

const keys = new Map([
  ['first', await key('first', 'RS256')],
  ['second', await key('second', 'ES256')],
]);
const published = new Set(['first']);

const server = createServer();
await new Promise((ready) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['authorization_code'],
      redirect_uris: ['http://127.0.0.1/api/auth/callback'],
      post_logout_redirect_uris: ['http://127.0.0.1/user/signin'],
    },
    { client_id: PROGRAM.id, client_secret: PROGRAM.secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
  ],
  jwks: { keys: [keys.get('first').private] },
  cookies: { keys: ['for tests only'] },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'attributes'] },
  conformIdTokenClaims: process.env.CONFORM === '1',
  pkce: { required: () => true },
  findAccount: (_ctx, sub) => bySub(sub) && { accountId: sub, claims: () => ({ ...bySub(sub) }) },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  async loadExistingGrant(ctx) {
    const { client, session, provider } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.params.grant_type === 'client_credentials' ? 'urn:strongroom' : undefined),
      getResourceServerInfo: () => ({ scope: '', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 600 }),
      useGrantedResource: () => false,
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = `<!DOCTYPE html><html lang="en"><title>Sign out</title>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button></html>`;
      },
    },
  },
  extraTokenClaims: (_ctx, token) =>
    token.kind === 'ClientCredentials' ? { name: 'The depositor', email_verified: true, attributes: ['storage:aips:create', 'storage:aips:list'] } : undefined,
});
// Tests serve on any port of this machine.
const onThisMachine = (path) => (uri) => /^http:\/\/(127\.0\.0\.1|localhost):\d+$/.test(uri.slice(0, -path.length)) && uri.endsWith(path);
provider.Client.prototype.redirectUriAllowed = onThisMachine('/api/auth/callback');
provider.Client.prototype.postLogoutRedirectUriAllowed = onThisMachine('/user/signin');

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const page = (uid, told) =>
  `<!DOCTYPE html><html lang="en"><title>Sign in</title><p>${told}</p>
<form method="post" action="/interaction/${uid}"><label>Account <input name="account" required></label><button>Sign in</button></form>
<form method="post" action="/interaction/${uid}/abort"><button>Cancel</button></form></html>`;

async function interaction(request, response, [uid, abort]) {
  if (request.method === 'GET') {
    await provider.interactionDetails(request, response);
    return response.setHeader('content-type', 'text/html').end(page(uid, 'Which account?'));
  }
  const account = accounts.get(new URLSearchParams(await body(request)).get('account') ?? '');
  if (abort) {
    return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'cancelled' }, { mergeWithLastSubmission: false });
  }
  if (!account) return response.setHeader('content-type', 'text/html').end(page(uid, 'There is no such account.'));
  return provider.interactionFinished(request, response, { login: { accountId: account.sub } }, { mergeWithLastSubmission: false });
}

async function control(request, response, [what, name]) {
  const asked = JSON.parse((await body(request)) || '{}');
  const answer = (json) => response.setHeader('content-type', 'application/json').end(JSON.stringify(json));
  if (what === 'accounts') {
    for (const [claim, value] of Object.entries(asked)) {
      if (value === null) delete accounts.get(name)[claim];
      else accounts.get(name)[claim] = value;
    }
    return answer({});
  }
  if (what === 'keys') {
    if (asked.add) published.add(asked.add);
    if (asked.withdraw) published.delete(asked.withdraw);
    return answer({});
  }
  const now = Math.floor(Date.now() / 1000);
  const claims = { ...accounts.get(asked.account), iss: issuer, aud: AUDIENCE, iat: now, exp: now + 300, ...asked.claims };
  for (const claim of Object.keys(claims)) if (claims[claim] === null) delete claims[claim];
  const signer = keys.get(asked.kid ?? 'first');
  const header = { alg: asked.alg ?? signer.alg, kid: signer.kid, typ: asked.typ ?? 'JWT' };
  if (header.alg === 'none') {
    const part = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
    return answer({ token: `${part(header)}.${part(claims)}.` });
  }
  // The mistake of RFC 8725 section 2.1: the public key taken for a shared secret.
  const secret = header.alg.startsWith('HS') ? new TextEncoder().encode(signer.public.n ?? signer.public.x) : signer.privateKey;
  return answer({ token: await new SignJWT(claims).setProtectedHeader(header).sign(secret) });
}

const rest = provider.callback();
server.on('request', (request, response) => {
  const [, first, ...parts] = new URL(request.url, issuer).pathname.split('/');
  const handled =
    first === 'interaction' ? interaction(request, response, parts)
    : first === 'control' ? control(request, response, parts)
    : first === 'jwks' ? response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [...published].map((kid) => keys.get(kid).public) }))
    // Browsers ask for one on their own, and complain where there is none.
    : first === 'favicon.ico' ? response.writeHead(204).end()
    : rest(request, response);
  Promise.resolve(handled).catch((error) => response.writeHead(500).end(String(error)));
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(JSON.stringify({ issuer, client_id: CLIENT.id, client_secret: CLIENT.secret, program: PROGRAM }));
