import express from 'express';
import { Redis } from 'ioredis';

// The least that could answer a read: express, one read of Redis, JSON. Arguments: socket of Redis, key of a string that
// holds the JSON. Prints its port.

const [socket = '', key = ''] = process.argv.slice(2);
const redis = new Redis(socket);
const app = express();
app.get('/item', async (_request, response) => {
  const body: unknown = JSON.parse((await redis.get(key)) ?? 'null');
  response.json(body);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
