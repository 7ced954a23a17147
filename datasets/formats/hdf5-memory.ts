/** The part of WebAssembly that is used here; the types of the platform leave it out. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WebAssemblyPart {
  readonly Memory: { readonly prototype: GrowingMemory };
}

const pageBytes = 65_536;

/**
 * Lets no WebAssembly memory of this thread grow beyond a limit from now on: a damaged file can
 * make the HDF5 library ask for any size, and nothing but its own limit of 2 GiB would hold it.
 *
 * @returns what lifts the limit
 */
export function limitLibraryMemory(limitBytes: number): () => void {
  const { prototype } = (globalThis as unknown as { WebAssembly: WebAssemblyPart }).WebAssembly
    .Memory;
  const { grow } = prototype;
  prototype.grow = function growWithin(this: GrowingMemory, pages: number): number {
    const bytes = this.buffer.byteLength + pages * pageBytes;
    // The library takes it as memory that is not to be had.
    if (bytes > limitBytes) throw new RangeError(`${bytes} bytes are above ${limitBytes}`);
    return grow.call(this, pages);
  };
  return () => {
    prototype.grow = grow;
  };
}
