import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { packageRoot } from '../core/paths.js';

/** One store of docker-compose.bench.yml, as the commands tell of it. */
export interface Service {
  readonly name: string;
  /** The whole name of its image, with the version behind the last colon. */
  readonly image: string;
  /** The version of the image. */
  readonly version: string;
  /** Where it answers. */
  readonly url: string;
  /** Ports of this machine. */
  readonly ports: readonly number[];
  /** Named volumes with its data. */
  readonly volumes: readonly string[];
}

const serviceSchema = z.looseObject({
  image: z.string(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  'x-bench': z.strictObject({ url: z.string() }),
});

const fileSchema = z.looseObject({ services: z.record(z.string(), serviceSchema) });

/** The path of docker-compose.bench.yml, which comes with the package. */
export function composeFilePath(): string {
  return join(packageRoot(), 'docker-compose.bench.yml');
}

/** The services of docker-compose.bench.yml, in its order. */
export function readServices(): readonly Service[] {
  const { services } = fileSchema.parse(parse(readFileSync(composeFilePath(), 'utf8')));
  return Object.entries(services).map(
    ([
      name,
      {
        image,
        ports,
        volumes,
        'x-bench': { url },
      },
    ]) => ({
      name,
      image,
      version: versionOf(image),
      url,
      ports: ports.map((port) => Number(port.split(':')[1])),
      volumes: volumes.map((volume) => volume.split(':')[0] ?? ''),
    }),
  );
}

/** What stands behind the colon of an image's name: its version. */
export function versionOf(image: string): string {
  return /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? '';
}

/**
 * The services of these names, in the order of the file; all where none is named.
 *
 * @throws BenchError UNKNOWN_NAME with the nearest name
 */
export function chooseServices(names: readonly string[]): readonly Service[] {
  const services = readServices();
  const known = services.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new BenchError(
      'UNKNOWN_NAME',
      `there is no service ${name}; ${suggestion(name, known)}`,
      {
        hint: `docker-compose.bench.yml has ${known.join(', ')}`,
      },
    );
  }
  return services.filter(({ name }) => names.length === 0 || names.includes(name));
}
