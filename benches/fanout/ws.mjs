// The same fan-out by npm `ws`: a loop over its clients, as its documentation broadcasts, without compression.
import { WebSocket, WebSocketServer } from 'ws';
import { serve } from './peer.mjs';

const HEARTBEAT_MS = 10_000;
const BEHIND = 64 * 1024;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (client) => client.on('error', console.error));
setInterval(() => server.clients.forEach((client) => client.ping()), HEARTBEAT_MS);

function broadcast(event) {
  // Encoded once: a string would be for each client.
  const bytes = Buffer.from(event);
  server.clients.forEach((client) => {
    if (client.readyState === WebSocket.OPEN) client.send(bytes, { binary: false });
  });
}

const taken = () => [...server.clients].every(({ bufferedAmount }) => bufferedAmount < BEHIND);

server.on('listening', () => serve(server.address().port, broadcast, taken));
