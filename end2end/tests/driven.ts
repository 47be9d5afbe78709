import { test as base } from './fixtures';
import { DrivenServer } from './server';

/** As `test` of the fixtures, with a server that carries out service calls. */
export const test = base.extend({
  server: async ({ serverEnv }, use, testInfo) => {
    const server = await DrivenServer.create([], serverEnv);
    try {
      await server.start();
      await use(server);
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('server.log', { body: server.output, contentType: 'text/plain' });
    } finally {
      await server.dispose();
    }
  },
});
