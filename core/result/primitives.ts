import { z } from 'zod';

/** A number of things. */
export const count = z.number().int().min(0);
/** Seconds, 0 or more. */
export const seconds = z.number().min(0);
/** Whole bytes. */
export const bytes = z.number().int().min(0);
/** A share in [0, 1]. */
export const fraction = z.number().min(0).max(1);
/** A name that may be a file name. */
export const id = z.string().regex(/^[a-z0-9-]+$/);
/** How values of vectors are stored. */
export const elements = z.enum(['f32', 'f16', 'u8', 'i8']);
/** The value of a parameter. */
export const scalar = z.union([z.number(), z.string(), z.boolean()]);
/** Parameters by name. */
export const parameters = z.record(z.string(), scalar);
/** A remark with a code: a warning or a reason. */
export const note = z.looseObject({ code: z.string(), message: z.string() });
