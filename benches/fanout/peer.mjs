// What the peers written in JavaScript share: they send events when told so by standard input, one JSON object per line.
//
// `{"call":"send","first":1,"count":1000,"rest":"\"tag\":…}"}` sends events `{"seq":1,"tag":…}` and so on to every client, as fast as they
// are taken, or `"rate"` of them each second. Answered when all were handed over, with the time of each where there was a rate.
import { createInterface } from 'node:readline';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

// Events between two looks at what the sockets have not taken yet.
const BURST = 16;

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const micros = () => Math.round((performance.timeOrigin + performance.now()) * 1_000);

/** `broadcast` sends one event to everybody; `taken` tells whether nobody is far behind. */
export async function serve(port, broadcast, taken) {
  say({ ok: `127.0.0.1:${port}` });
  for await (const line of createInterface({ input: process.stdin })) {
    const { first, count, rest, rate } = JSON.parse(line);
    const event = (number) => `{"seq":${first + number},${rest}`;
    say({ ok: rate ? await paced(broadcast, event, first, count, rate) : await atOnce(broadcast, event, count, taken) });
  }
  process.exit(0);
}

async function atOnce(broadcast, event, count, taken) {
  for (let number = 0; number < count; number += 1) {
    broadcast(event(number));
    if (number % BURST === BURST - 1) do await turn(); while (!taken());
  }
  return [];
}

async function paced(broadcast, event, first, count, rate) {
  const sent = [];
  const started = performance.now();
  for (let number = 0; number < count; number += 1) {
    const early = started + (number * 1_000) / rate - performance.now();
    await (early > 0 ? wait(early) : turn());
    sent.push([first + number, micros()]);
    broadcast(event(number));
  }
  return sent;
}
