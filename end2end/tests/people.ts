import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { archive, expect, live, test as base, type Page } from './fixtures';

const folder = resolve(import.meta.dirname, '..');

/** The accounts of `provider.mjs`; each is its own name and has no password. */
export type Account = 'requester' | 'reviewer' | 'reader' | 'nobody' | 'administrator';

/** A real identity provider, on loopback. */
export type Provider = {
  issuer: string;
  client_id: string;
  client_secret: string;
  /** The header of a program that acts as this account. */
  bearer: (account: Account) => Promise<{ authorization: string }>;
};

type Told = Pick<Provider, 'issuer' | 'client_id' | 'client_secret'>;

/** As `test` of the fixtures, with a server at which people have to sign in. */
export const test = base.extend<{ provider: Provider }>({
  provider: async ({}, use) => {
    base.skip(!existsSync(resolve(folder, 'node_modules/oidc-provider')), "npm's oidc-provider is not installed; run scripts/setup.sh");
    const child = spawn(process.execPath, ['provider.mjs'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      let told: Told | undefined;
      while (!told) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the provider ended before it told its address');
        if (value.startsWith('{')) told = JSON.parse(value) as Told;
      }
      const { issuer } = told;
      const bearer = async (account: Account) => {
        const answer = await fetch(`${issuer}/control/token`, { method: 'POST', body: JSON.stringify({ account }) });
        return { authorization: `Bearer ${((await answer.json()) as { token: string }).token}` };
      };
      await use({ ...told, bearer });
    } finally {
      child.kill();
    }
  },

  serverEnv: async ({ provider }, use) =>
    use({
      STRONGROOM_OIDC_ID: 'test',
      STRONGROOM_OIDC_NAME: 'Test accounts',
      STRONGROOM_OIDC_ISSUER: provider.issuer,
      STRONGROOM_OIDC_CLIENT_ID: provider.client_id,
      STRONGROOM_OIDC_CLIENT_SECRET: provider.client_secret,
      STRONGROOM_OIDC_ATTRIBUTES_ENABLED: 'true',
      STRONGROOM_OIDC_CLAIM_PATH: 'attributes',
    }),
});

/** Fills in what the provider asks. */
export async function answerProvider(page: Page, account: Account): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with Test accounts' }).click();
  await page.getByLabel('Account').fill(account);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a page as somebody who was not signed in before, and waits until it is live. */
export async function signIn(page: Page, account: Account, wanted = '/'): Promise<void> {
  await page.goto(wanted);
  await expect(page).toHaveURL(/\/user\/signin/);
  await answerProvider(page, account);
  await expect(page).toHaveURL(wanted);
  await live(page);
}

/** The archive as an administrator's program sees and changes it. */
export const administered = async (url: string, provider: Provider) => archive(url, await provider.bearer('administrator'));
