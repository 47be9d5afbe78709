// Opens the AIPs page in Chromium and tells, as JSON on standard output, what came over the wire and when it could be used.
//
//   node benches/page.mjs URL [VISITS]
//
// Each visit is a browser of its own, with a new profile, so nothing is cached. First one visit as it is, through a relay that
// counts bytes; then VISITS with a slow processor and network. Nothing is waited for by time.
import { connect, createServer } from 'node:net';
import { LIVE, withPage } from './browser.mjs';

const [target, visits = '7'] = process.argv.slice(2);
if (!target) throw new Error('usage: node benches/page.mjs URL [VISITS]');

const CPU_RATE = 4;
const LATENCY_MS = 40;
const BYTES_PER_SECOND = 10e6 / 8;

/** Passes connections on and counts what they carry; a WebSocket's apart from the others. */
async function relayTo(url) {
  const counted = { http: { connections: 0, up: 0, down: 0 }, websocket: { connections: 0, up: 0, down: 0 } };
  const server = createServer((client) => {
    const upstream = connect(Number(url.port), url.hostname);
    let kind;
    client.on('data', (bytes) => {
      if (kind === undefined) {
        kind = /\r\nupgrade: *websocket/i.test(bytes.toString('latin1')) ? counted.websocket : counted.http;
        kind.connections += 1;
      }
      kind.up += bytes.length;
    });
    upstream.on('data', (bytes) => (kind.down += bytes.length));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => (client.destroy(), upstream.destroy()));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { counted, server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** What came over the wire, in a browser as fast as this machine lets it be. */
async function wire() {
  const relay = await relayTo(new URL(target));
  try {
    return await withPage(async (page, cdp) => {
      const requests = new Map();
      const sockets = [];
      cdp.on('Network.requestWillBeSent', ({ requestId, request, type }) => {
        if (!request.url.startsWith('http')) return;
        requests.set(requestId, { url: new URL(request.url).pathname, method: request.method, type, bytes: undefined });
      });
      cdp.on('Network.responseReceived', ({ requestId, response }) => {
        const encoding = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? 'none';
        Object.assign(requests.get(requestId) ?? {}, { status: response.status, encoding });
      });
      cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        const request = requests.get(requestId);
        if (request) request.bytes = encodedDataLength;
      });
      cdp.on('Network.loadingFailed', ({ requestId, errorText }) => Object.assign(requests.get(requestId) ?? {}, { failed: errorText }));
      cdp.on('Network.webSocketCreated', ({ url }) => sockets.push(new URL(url).pathname));
      await cdp.send('Network.enable');
      await page.goto(new URL(new URL(target).pathname, relay.origin).href);
      await page.waitForSelector(LIVE);
      await page.waitForLoadState('networkidle');
      const all = [...requests.values()];
      const unfinished = all.filter(({ bytes }) => bytes === undefined);
      if (unfinished.length > 0) throw new Error(`did not come: ${unfinished.map(({ url, status, failed }) => `${url} (${status}, ${failed})`).join(', ')}`);
      return { requests: all, sockets, relay: structuredClone(relay.counted) };
    });
  } finally {
    relay.server.close();
  }
}

/** Runs in the page, before anything of its own: notes when what is looked for has happened. Times are since the navigation began. */
function watch() {
  const seen = { rows: null, rowsInView: 0, live: null, handled: null, lcp: null, lcpElement: null, fcp: null, shift: 0, shifts: [] };
  window.__seen = seen;
  const observe = (type, look) => new PerformanceObserver((list) => list.getEntries().forEach(look)).observe({ type, buffered: true });
  observe('paint', (entry) => entry.name === 'first-contentful-paint' && (seen.fcp = entry.startTime));
  observe('largest-contentful-paint', (entry) => {
    seen.lcp = entry.startTime;
    const { tagName, className } = entry.element ?? {};
    seen.lcpElement = tagName && `${tagName.toLowerCase()}${className && typeof className === 'string' ? `.${className.split(' ').join('.')}` : ''}`;
  });
  observe('layout-shift', (entry) => {
    // What our own click moves is not the page's doing.
    if (seen.handled === null || entry.startTime < seen.handled) {
      seen.shift += entry.value;
      seen.shifts.push(...(entry.sources ?? []).map(({ node }) => node?.className ?? node?.nodeName ?? 'unknown'));
    }
  });

  // A message posted from an animation frame is handled once that frame has been handed over for painting.
  const painted = (then) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => then(performance.now());
    port2.postMessage(null);
  };
  const inView = (row) => {
    const { top, height } = row.getBoundingClientRect();
    return height > 0 && top < innerHeight;
  };
  const lookForRows = () => {
    const rows = [...document.querySelectorAll('main table tbody tr')].filter(inView);
    if (rows.length === 0) requestAnimationFrame(lookForRows);
    else painted((at) => Object.assign(seen, { rows: at, rowsInView: rows.length }));
  };
  requestAnimationFrame(lookForRows);

  // A person who clicks as soon as there is something to click: once per frame until a click does something.
  const clickUntilHandled = () => {
    if (seen.handled !== null) return;
    const button = document.querySelector('.sidebar__toggle');
    if (button && !seen.clicking) {
      seen.clicking = true;
      new MutationObserver((_, observer) => {
        if (seen.handled === null && button.getAttribute('aria-expanded') === 'false') {
          seen.handled = performance.now();
          observer.disconnect();
        }
      }).observe(button, { attributes: true });
    }
    button?.click();
    requestAnimationFrame(clickUntilHandled);
  };
  requestAnimationFrame(clickUntilHandled);

  new MutationObserver((_, observer) => {
    if (document.querySelector('.connection[data-state="connected"]')) {
      seen.live = performance.now();
      observer.disconnect();
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
}

/** Milliseconds of a fixed piece of work: tells whether the processor really was slowed. */
function work() {
  const started = performance.now();
  let sum = 0;
  for (let n = 0; n < 20_000_000; n += 1) sum = (sum + n * n) % 1_000_003;
  return sum < 0 ? 0 : performance.now() - started;
}

/** One visit with a slow processor and network. */
async function slow() {
  return withPage(async (page, cdp) => {
    await page.addInitScript(watch);
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_SECOND,
      uploadThroughput: BYTES_PER_SECOND,
    });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
    await page.goto(target);
    await page.waitForFunction(() => {
      const { rows, live, handled, lcp } = window.__seen;
      return [rows, live, handled, lcp].every((at) => at !== null);
    });
    await page.waitForLoadState('networkidle');
    const seen = await page.evaluate(() => {
      const { responseEnd, requestStart, domContentLoadedEventEnd } = performance.getEntriesByType('navigation')[0];
      const modules = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.wasm'));
      // Chromium delays what it hands on, not what it notes as the first byte.
      const html = responseEnd - requestStart;
      return { ...window.__seen, html, document: domContentLoadedEventEnd, wasm: Math.max(...modules.map(({ responseEnd }) => responseEnd)) };
    });
    const slowed = await page.evaluate(work);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    const plain = await page.evaluate(work);
    if (slowed < plain * CPU_RATE * 0.6) throw new Error(`the processor was slowed ${(slowed / plain).toFixed(1)} times only`);
    if (seen.html < LATENCY_MS * 0.9) throw new Error(`the network was not slowed: the HTML was there after ${seen.html.toFixed(0)} ms`);
    return { ...seen, interactive: Math.max(seen.handled, seen.live), slowed: slowed / plain };
  });
}

const result = { wire: await wire(), visits: [] };
for (let number = 0; number < Number(visits); number += 1) result.visits.push(await slow());
console.log(JSON.stringify(result));
