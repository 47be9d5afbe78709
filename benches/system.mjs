// How much processor time the System page takes in Chromium while it is live.
//
//   node benches/system.mjs URL SECONDS
//
// Tells, as JSON on standard output, the processor time of the page's process over so many seconds of its life, and how many samples came
// meanwhile. The page is in front, nobody touches it. The only thing waited for by time is the end.
import { setTimeout as wait } from 'node:timers/promises';
import { LIVE, processorTime, withPage } from './browser.mjs';

const [target, seconds] = process.argv.slice(2);
if (!seconds) throw new Error('usage: node benches/system.mjs URL SECONDS');

/** Counts the samples that come to a page; `came` waits for so many. */
function countSamples(page) {
  const counted = { samples: 0, heard: () => {} };
  counted.came = (many) =>
    new Promise((done) => {
      counted.heard = () => counted.samples >= many && done();
      counted.heard();
    });
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (!`${payload}`.startsWith('{"type":"metrics"')) return;
      counted.samples += 1;
      counted.heard();
    }),
  );
  return counted;
}

const result = await withPage(async (page) => {
  const counted = countSamples(page);
  await page.goto(target);
  await page.waitForSelector(LIVE);
  await page.waitForLoadState('networkidle');
  // The first ones come while the page is still busy with itself.
  await counted.came(2);
  const before = { at: performance.now(), time: await processorTime(page), samples: counted.samples };
  await wait(Number(seconds) * 1_000);
  const time = (await processorTime(page)) - before.time;
  return { time, elapsed: (performance.now() - before.at) / 1_000, samples: counted.samples - before.samples };
});
console.log(JSON.stringify(result));
