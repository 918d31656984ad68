/** What every control has in common. */
export interface FieldProps {
  /** Of the control in the page: its label, description and error have ids of it. */
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  /** What is wrong with its value. */
  readonly error?: string | undefined;
  readonly disabled?: boolean;
  /** Its value is not the default: it shows so, and can be set back. */
  readonly modified?: boolean;
  /** One of a row: its label is for screen readers, for a heading says it. */
  readonly compact?: boolean;
}

/** Of a control's props those that are the field's: any other would become an attribute of its element. */
export const fieldOf = ({ id, label, description, error, disabled, modified, compact }: FieldProps) => ({
  id,
  label,
  description,
  error,
  disabled,
  modified,
  compact,
});

/** Ids of what describes a control, for `aria-describedby`. */
export const describedBy = ({ id, description, error }: FieldProps): string | undefined =>
  [description && `${id}-description`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
