import { Client, type Dispatcher } from 'undici';

const keptOpenMs = 3_600_000;

/** One connection of undici by its lowest interface; what comes is not looked at. */
export class BareHttp {
  readonly #client: Client;

  constructor(origin: string) {
    this.#client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: keptOpenMs,
      keepAliveMaxTimeout: keptOpenMs,
    });
  }

  /** Rejects where the answer is none of success. */
  send(request: Dispatcher.DispatchOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      let status = 0;
      this.#client.dispatch(request, {
        onRequestStart: () => undefined,
        onResponseStart: (_, code) => {
          status = code;
        },
        onResponseData: () => undefined,
        onResponseEnd: () => {
          if (status === 200) resolve();
          else reject(new Error(`status ${status}`));
        },
        onResponseError: (_, error) => reject(error),
      });
    });
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }
}

/** Prepared requests over a connection for each caller. */
export async function bareHttpSearch(
  origin: string,
  requests: readonly Dispatcher.DispatchOptions[],
  connections: number,
) {
  const clients = Array.from({ length: connections }, () => new BareHttp(origin));
  return {
    send: (caller: number, query: number): Promise<void> =>
      (clients[caller] as BareHttp).send(requests[query] as Dispatcher.DispatchOptions),
    close: async (): Promise<void> => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
