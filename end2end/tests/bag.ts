import { createHash } from 'node:crypto';

export type BagFile = { path: string; content: string | Uint8Array };

const block = 512;

function header(path: string, size: number): Buffer {
  const head = Buffer.alloc(block);
  if (Buffer.byteLength(path) > 100) throw new Error(`too long for a plain tar header: ${path}`);
  head.write(path, 0, 100);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\0', 257);
  head.write('00', 263);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

/** A tar file that is not a bag: files and nothing that says what they should be. */
export function looseFiles(files: BagFile[]): Buffer {
  return tar(files.map(({ path, content }) => ({ path, content: Buffer.from(content) })));
}

function tar(files: { path: string; content: Buffer }[]): Buffer {
  const parts = files.flatMap(({ path, content }) => [header(path, content.length), content, Buffer.alloc((block - (content.length % block)) % block)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const greeting: BagFile[] = [{ path: 'hello.txt', content: 'Hello from the archive.\n' }];

/**
 * A valid bag (RFC 8493) in a tar file, made of the given payload; the same input gives the same bytes.
 * `spoil` replaces a file's content after its digest was taken, which makes a bag that must not be believed.
 */
export function bag(name: string, payload: BagFile[] = greeting, spoil: Record<string, string> = {}): Buffer {
  return tar(bagFiles(name, payload, spoil));
}

/** The files of such a bag, to lay them out as a folder. */
export function bagFiles(name: string, payload: BagFile[] = greeting, spoil: Record<string, string> = {}): { path: string; content: Buffer }[] {
  const data = payload.map(({ path, content }) => ({ path: `data/${path}`, content: Buffer.from(content) }));
  const bytes = data.reduce((total, file) => total + file.content.length, 0);
  const manifest = (files: { path: string; content: Buffer }[]) => Buffer.from(files.map((file) => `${sha256(file.content)}  ${file.path}\n`).join(''));

  const tags = [
    { path: 'bagit.txt', content: Buffer.from('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n') },
    { path: 'bag-info.txt', content: Buffer.from(`External-Identifier: ${name}\nPayload-Oxum: ${bytes}.${data.length}\n`) },
    { path: 'manifest-sha256.txt', content: manifest(data) },
  ];
  return [...tags, { path: 'tagmanifest-sha256.txt', content: manifest(tags) }, ...data].map((file) => {
    const other = spoil[file.path];
    return { path: `${name}/${file.path}`, content: other === undefined ? file.content : Buffer.from(other) };
  });
}
