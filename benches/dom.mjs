// Notes when the status of each AIP in the list changes on the page, in Chromium.
//
//   node benches/dom.mjs URL
//
// Says `{"live":true}` on standard output once the page hears of changes. Then one line comes in by standard input, the last status of each
// AIP, `{"UUID":"stored",…}`; when the page shows these, it tells all that it saw: AIP, status and time, which is microseconds of the wall
// clock. Whoever makes the changes compares.
import { createInterface } from 'node:readline';
import { LIVE, withPage } from './browser.mjs';

const [target] = process.argv.slice(2);
if (!target) throw new Error('usage: node benches/dom.mjs URL');

const PATIENCE_MS = 15_000;
/** Once it is said: what is still on its way into a pipe is lost when the process ends. */
const say = (line) => new Promise((said) => process.stdout.write(`${JSON.stringify(line)}\n`, said));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Runs in the page: notes each change of a status. An observer is called right after the change, before anything is painted. */
function watch() {
  const shown = new Map();
  const seen = [];
  const look = () => {
    const at = Math.round((performance.timeOrigin + performance.now()) * 1_000);
    for (const row of document.querySelectorAll('main tbody tr')) {
      const uuid = row.querySelector('a')?.pathname.split('/').at(-1);
      const status = row.querySelector('.cell--status')?.textContent.trim();
      if (uuid === undefined || shown.get(uuid) === status) continue;
      if (shown.has(uuid)) seen.push([uuid, status, at]);
      shown.set(uuid, status);
    }
  };
  look();
  new MutationObserver(look).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
  window.__watched = { shown, seen };
  return shown.size;
}

const result = await withPage(async (page) => {
  await page.goto(target);
  await page.waitForSelector(LIVE);
  await page.waitForLoadState('networkidle');
  const rows = await page.evaluate(watch);
  await say({ live: true, rows });
  const last = JSON.parse((await lines.next()).value);
  const arrived = (wanted) => Object.entries(wanted).every(([uuid, status]) => window.__watched.shown.get(uuid) === status);
  await page.waitForFunction(arrived, last, { timeout: PATIENCE_MS, polling: 100 });
  return { seen: await page.evaluate(() => window.__watched.seen) };
});
await say(result);
process.exit(0);
