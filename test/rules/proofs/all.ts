/** Every proof, by layer. */
import { PROOFS as kernel } from './kernel.js';
import type { Proof } from './proof.js';

export const PROOFS: readonly Proof[] = [...kernel];
