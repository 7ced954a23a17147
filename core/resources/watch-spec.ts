import { z } from 'zod';

const name = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/, 'must be a word of letters and digits');

/** What a person says of a server that runs beside bench, so that its resources can be read. */
export const watchSchema = z
  .strictObject({
    pids: z.array(z.number().int().min(1)).min(1).optional().describe('its processes'),
    port: z.number().int().min(1).max(65_535).optional().describe('where it listens, by TCP'),
    metrics: z
      .strictObject({
        url: z.url({ protocol: /^https?$/ }),
        names: z
          .record(name, z.string().min(1))
          .describe(
            'a name of ours and the sample that it is: memoryBytes, diskBytes, and the counters ' +
              'cpuSeconds, readBytes and writeBytes; others are kept by their own name',
          ),
      })
      .optional()
      .describe('what the server says of itself, in the text format of Prometheus'),
    dataFolder: z.string().min(1).optional().describe('where it keeps its data on this machine'),
  })
  .describe('how the resources of a server are found');

/** What a target says of how its resources are found. */
export type WatchSpec = z.infer<typeof watchSchema>;
