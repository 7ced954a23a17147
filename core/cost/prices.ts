import { z } from 'zod';

const price = z.number().positive();

/** What is paid, by name; every price is optional, and there is no default for any. */
export const priceShape = {
  perHour: price.optional().describe('the machines of the store, an hour, whatever they do'),
  perCoreHour: price.optional().describe('an hour of one core that the store used'),
  perGiBHour: price.optional().describe('an hour of 1 GiB (2^30 bytes) that the store held'),
  perMillionRequests: price
    .optional()
    .describe('a million requests to a service, as it bills them'),
} as const;

/** The names of all prices. */
export const priceNames = Object.keys(priceShape) as (keyof typeof priceShape)[];

/** Prices as a result keeps them: with their date and where they are from. */
export const pricesSchema = z
  .looseObject({
    file: z.string().describe('the name of the file that they were given in'),
    currency: z.string(),
    date: z.string().describe('the day on which they held'),
    source: z.string(),
    ...priceShape,
  })
  .describe('as they were given; bench knows none of its own');

/** What is paid for a store. */
export type Prices = z.infer<typeof pricesSchema>;

const meanings: Readonly<Record<keyof typeof priceShape, string>> = {
  perHour: 'an hour of the machine',
  perCoreHour: 'an hour of a core',
  perGiBHour: 'an hour of 1 GiB',
  perMillionRequests: 'a million requests',
};

/** The prices in words: `0.77 USD an hour of the machine`. */
export function describePrices(prices: Prices): string {
  const parts = priceNames.flatMap((name) => {
    const value = prices[name];
    return value === undefined ? [] : [`${value} ${prices.currency} ${meanings[name]}`];
  });
  return `${parts.join(', ')}; of ${prices.date}, from ${prices.source}`;
}
