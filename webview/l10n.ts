/** The texts of a page in the user's language. The host puts the translations into the page, as `vscode.l10n.bundle` has them. */

type Bundle = Readonly<Record<string, string | { readonly message: string }>>;

let bundle: Bundle | undefined;

/** "{0}" stands for the first of the values, and so on. */
export function t(text: string, ...values: readonly (string | number)[]): string {
  bundle ??= JSON.parse(document.getElementById('l10n')?.textContent ?? '{}') as Bundle;
  const found = bundle[text] ?? text;
  return (typeof found === 'string' ? found : found.message).replace(/\{(\d+)\}/g, (_, index) => String(values[Number(index)] ?? ''));
}
