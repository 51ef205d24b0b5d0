// Two tenants of oidc-provider, each an issuer of its own. Usage: node server.mjs <address of the site>
// Prints their issuers as JSON once both listen. Whoever comes to sign in is signed in as the tenant's one person.
import { once } from "node:events";
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import Provider from "oidc-provider";

const site = process.argv[2];

async function start(name) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: `tracker-at-${name}`,
        client_secret: `secret-of-${name}`,
        redirect_uris: [`${site}/accounts/sso/${name}/callback/`],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    cookies: { keys: [randomBytes(32).toString("hex")] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  });
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith("/interaction/")) return next();
    const { params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    const grant = new provider.Grant({ accountId: `${name}-subject`, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    await provider.interactionFinished(ctx.req, ctx.res, {
      login: { accountId: session?.accountId ?? `${name}-subject` },
      consent: { grantId: await grant.save() },
    });
    ctx.respond = false;
  });
  server.on("request", provider.callback());
  return issuer;
}

console.log(JSON.stringify({ police: await start("police"), corrections: await start("corrections") }));
