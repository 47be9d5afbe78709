import { randomUUID } from 'node:crypto';

export type Status = 'stored' | 'pending' | 'processing' | 'queued' | 'deleted' | 'unspecified';
export type Aip = { uuid: string; name: string; status: Status; object_key: string; location_uuid?: string; size?: number; format?: string; sha256?: string };
export type Report = { state: 'PENDING' | 'STARTED' | 'PROGRESS' | 'SUCCESS' | 'FAILURE'; progress?: number; message?: string; name?: string; result?: unknown };
export type Location = { uuid: string; name: string; description: string; aip_count: number };

async function asked<T>(url: string, path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(url + path, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${init?.method ?? 'GET'} ${path} answers ${answer.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

const post = (body: unknown): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** The archive as another client of the API sees and changes it, e.g. `archive(server.url).announce('a')`; with headers as somebody who is known. */
export function archive(url: string, headers: Record<string, string> = {}) {
  const ask = <T>(path: string, init: RequestInit = {}) => asked<T>(url, path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
  return {
    /** An AIP whose bytes are elsewhere. */
    announce: (name: string, given: Partial<Aip> = {}) =>
      ask<Aip>('/api/storage/aips', post({ uuid: randomUUID(), object_key: randomUUID(), status: 'stored', name, ...given })),

    /** Many of them, `prefix 01` and so on, in this order. */
    async fill(count: number, prefix = 'Series', given: Partial<Aip> = {}): Promise<Aip[]> {
      const made: Aip[] = [];
      for (let number = 1; number <= count; number += 1) made.push(await this.announce(`${prefix} ${String(number).padStart(2, '0')}`, given));
      return made;
    },

    /** A package with its bytes. */
    deposit: (name: string, bytes: Uint8Array) =>
      ask<{ aip: Aip }>(`/api/storage/deposits?name=${encodeURIComponent(name)}`, { method: 'POST', body: bytes }).then(({ aip }) => aip),

    location: (name: string, path: string, description = '') =>
      ask<{ uuid: string }>(
        '/api/storage/locations',
        post({ name, description, source: 'filesystem', purpose: 'aip_store', config: { type: 'filesystem', value: { path } } }),
      ).then(({ uuid }) => uuid),

    /** What another system reports of a task of its own. */
    report: (id: string, told: Report) => ask<void>(`/api/tasks/${id}/progress`, post(told)),

    /** What happened in another system, or under a location without the service having done it. */
    announceEvent: (type: string, data: Record<string, unknown>) => ask<void>('/api/events', post({ type, data })),

    locations: () => ask<Location[]>('/api/storage/locations'),
    aips: (query = '') => ask<{ items: Aip[]; page: { total: number } }>(`/api/storage/aips${query}`),
    aip: (uuid: string) => ask<Aip>(`/api/storage/aips/${uuid}`),
  };
}

export const nobody = '00000000-0000-4000-8000-000000000000';
