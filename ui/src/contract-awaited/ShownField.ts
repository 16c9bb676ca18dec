/** Values as texts; references by the names of the rows. */
export type ShownField = {
  /** As [`ConflictField::base`]. */
  base: string;
  /** As [`ConflictField::till`]. */
  till: string;
  /** As [`ConflictField::hub`]. */
  hub: string;
  /** As [`ConflictField::now`]. */
  now: string;
};
