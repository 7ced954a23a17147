/** Pages of the store's processes by kind, shared ones by their share. */
export interface PagesByKind {
  readonly pssAnonBytes?: number | undefined;
  readonly pssFileBytes?: number | undefined;
  readonly pssShmemBytes?: number | undefined;
}

/** All pages together; undefined where they were not read. */
export function pssOf(pages: PagesByKind): number | undefined {
  const { pssAnonBytes, pssFileBytes, pssShmemBytes } = pages;
  if (pssAnonBytes === undefined || pssFileBytes === undefined) return undefined;
  return pssAnonBytes + pssFileBytes + (pssShmemBytes ?? 0);
}

/** What a build added to them; below 0 where its server gave back more meanwhile. */
export function pssGrowthOf(
  memory: PagesByKind & { readonly baselineBytes?: number | undefined },
): number | undefined {
  const after = pssOf(memory);
  const { baselineBytes } = memory;
  return after === undefined || baselineBytes === undefined ? undefined : after - baselineBytes;
}
