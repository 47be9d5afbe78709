// The same fan-out by npm `socket.io`: `io.emit`, over WebSocket alone.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { serve } from './peer.mjs';

const HEARTBEAT_MS = 10_000;

const http = createServer();
const io = new Server(http, { transports: ['websocket'], pingInterval: HEARTBEAT_MS, serveClient: false });

const broadcast = (event) => io.emit('event', JSON.parse(event));
// What one write could not take waits in the engine for the next.
const taken = () => Object.values(io.engine.clients).every(({ writeBuffer }) => writeBuffer.length === 0);

http.listen(0, '127.0.0.1', () => serve(http.address().port, broadcast, taken));
