// Shows the Tasks page in Chromium while others report, and tells what kept it busy.
//
//   node benches/tasks.mjs URL
//
// Says `{"live":true}` on standard output once the page hears of changes. Then one line comes in by standard input, how the tasks stand at
// the end, `{"tasks":[{"name":"…","message":"…","ended":false},…]}`; when the page shows exactly these, it tells the long tasks (those of over
// 50 ms, by Chromium's own count) since it was live, and the processor time of its process.
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { LIVE, processorTime, withPage } from './browser.mjs';

const [target] = process.argv.slice(2);
if (!target) throw new Error('usage: node benches/tasks.mjs URL');

const PATIENCE_MS = 15_000;
const POLL_MS = 100;
const say = (line) => new Promise((said) => process.stdout.write(`${JSON.stringify(line)}\n`, said));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Runs in the page: notes every long task from now on. */
function watch() {
  const seen = { long: [] };
  window.__watched = seen;
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
}

/** Runs in the page: what it shows of each task, in the form of what is expected. */
function shown() {
  const parts = [...document.querySelectorAll('main section')].map((section) => [section, section.querySelector('#recent') !== null]);
  const rows = parts.flatMap(([section, ended]) => [...section.querySelectorAll('li.report')].map((row) => [row, ended]));
  const text = (row, part) => row.querySelector(part)?.textContent.trim() ?? '';
  return rows.map(([row, ended]) => ({ name: text(row, '.report__name'), message: text(row, '.note'), ended }));
}

const result = await withPage(async (page) => {
  await page.goto(target);
  await page.waitForSelector(LIVE);
  await page.waitForLoadState('networkidle');
  await page.evaluate(watch);
  const before = await processorTime(page);
  await say({ live: true });
  const { tasks } = JSON.parse((await lines.next()).value);
  const sorted = (all) => JSON.stringify(all.map(({ name, message, ended }) => [name, message, ended]).sort());
  const deadline = performance.now() + PATIENCE_MS;
  let last;
  do {
    // The page has to do its own work, too.
    await wait(POLL_MS);
    last = sorted(await page.evaluate(shown));
  } while (last !== sorted(tasks) && performance.now() < deadline);
  if (last !== sorted(tasks)) throw new Error(`the page shows\n${last}\ninstead of\n${sorted(tasks)}`);
  return { ...(await page.evaluate(() => window.__watched)), time: (await processorTime(page)) - before };
});
await say(result);
process.exit(0);
