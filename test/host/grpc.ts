/** As much of gRPC and protobuf as it takes to ask containerd: calls with one answer, over a Unix socket. */
import { connect } from 'node:http2';
import { createConnection } from 'node:net';

type Value = string | number | Buffer;

/** A message from its fields, by number. Numbers are varints; 0 and '' are left out, as proto3 does. */
export function message(...fields: readonly (readonly [field: number, value: Value])[]): Buffer {
  const parts = fields.map(([field, value]) => {
    if (typeof value === 'number') {
      return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(field << 3), varint(value)]);
    }
    const bytes = Buffer.from(value);
    return bytes.length === 0 ? bytes : Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
  });
  return Buffer.concat(parts);
}

/** The values of one field, in order: what has a length as bytes, varints as numbers. */
export function field(from: Buffer, wanted: number): readonly (Buffer | number)[] {
  const found: (Buffer | number)[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = from[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < from.length) {
    const key = next();
    if ((key & 7) === 0) {
      const value = next();
      if (key >> 3 === wanted) found.push(value);
    } else if ((key & 7) === 2) {
      const length = next();
      if (key >> 3 === wanted) found.push(from.subarray(at, at + length));
      at += length;
    } else {
      throw new Error(`protobuf: expected a varint or bytes, got wire type ${key & 7}`);
    }
  }
  return found;
}

/** Calls `/service/method` and gives the answer; a status other than OK is an error with the server's words. */
export function call(
  socket: string,
  method: string,
  request: Buffer,
  { seconds = 10, headers = {} }: { seconds?: number; headers?: Readonly<Record<string, string>> } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const session = connect('http://localhost', { createConnection: () => createConnection(socket) });
    const done = (error: Error | null, answer = Buffer.alloc(0)) => {
      session.destroy();
      if (error) reject(error);
      else resolve(answer);
    };
    session.on('error', done);
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${seconds}S`,
      ...headers,
    });
    const chunks: Buffer[] = [];
    let status = '';
    const note = (from: Record<string, unknown>) => {
      if (from['grpc-status'] !== undefined) status = `${from['grpc-status']} ${from['grpc-message'] ?? ''}`.trim();
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', done);
    stream.on('end', () => {
      if (status !== '0') done(new Error(`${method}: expected status 0, got ${decodeURIComponent(status)}`));
      else done(null, Buffer.concat(chunks).subarray(5));
    });
    // A server that does not keep the time that it was given is left, as the kubelet does.
    stream.setTimeout(seconds * 1000 + 500, () => done(new Error(`${method}: expected an answer within ${seconds} s`)));
    const length = Buffer.alloc(5);
    length.writeUInt32BE(request.length, 1);
    stream.end(Buffer.concat([length, request]));
  });
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
