import type { BrowserContext, Page } from '@playwright/test';

type Frame = { type?: string; task_id?: string; timestamp?: string; topics?: string[]; seq?: number; replayed?: number; value?: { type: string; value: { uuid?: string; item?: { aip_uuid?: string; uuid?: string } } } };

/** What goes over the live connections of a page. */
export type Wire = {
  /** How many were opened. */
  opened: () => number;
  /** How many are open. */
  open: () => number;
  /** The frames that the page sent, of this type. */
  sent: (type: string) => Frame[];
  /** The frames that came, of this type. */
  came: (type: string) => Frame[];
  /** The events that came. */
  events: () => Frame[];
};

/** Listens to the live connections that a page opens from now on. */
export function listen(page: Page): Wire {
  const [sent, came]: Frame[][] = [[], []];
  let opened = 0;
  let open = 0;
  page.on('websocket', (socket) => {
    opened += 1;
    open += 1;
    socket.on('framesent', ({ payload }) => void sent.push(JSON.parse(payload.toString()) as Frame));
    socket.on('framereceived', ({ payload }) => void came.push(JSON.parse(payload.toString()) as Frame));
    socket.on('close', () => (open -= 1));
  });
  const of = (frames: Frame[]) => (type: string) => frames.filter((frame) => frame.type === type);
  return { opened: () => opened, open: () => open, sent: of(sent), came: of(came), events: () => came.filter(({ value }) => value !== undefined) };
}

/** Counts the requests of a page for a path, from now on. */
export function countRequests(page: Page | BrowserContext, path: RegExp): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (path.test(new URL(request.url()).pathname)) count += 1;
  });
  return () => count;
}
